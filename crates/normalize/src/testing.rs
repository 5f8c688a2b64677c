/// A one-key list file is sorted, unique and folded, so that a reader finds a row and a look-up can trust it.
pub(crate) fn assert_sorted_list(data: &str) {
    let rows: Vec<&str> = data.lines().skip(1).map(|line| line.split(',').next().unwrap_or(line)).collect();
    assert!(!rows.is_empty());
    for pair in rows.windows(2) {
        assert!(pair[0] < pair[1], "{:?} is before {:?}", pair[0], pair[1]);
    }
    for row in rows {
        assert_eq!(row, row.to_lowercase());
        assert_eq!(row, row.trim());
    }
}

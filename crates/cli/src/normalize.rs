use crate::Done;
use crate::args::NormalizeArgs;
use crate::output::failed;
use firmograph::normalize::normalize_in;
use std::io::{BufRead, BufWriter, Write};
use std::process::ExitCode;

/// One JSON object a line, whatever the format: this is the contract of `normalize KIND`.
pub(crate) fn run(args: &NormalizeArgs) -> Done {
    let mut sink = BufWriter::new(std::io::stdout().lock());
    let mut write = |raw: &str| {
        let line = normalize_in(args.kind, raw, args.country);
        serde_json::to_writer(&mut sink, &line).map_err(|error| failed(error.into()))?;
        sink.write_all(b"\n").map_err(failed)
    };
    if args.values.is_empty() {
        let mut lines = std::io::stdin().lock();
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            let end = line.strip_suffix(b"\n").unwrap_or(&line);
            let end = end.strip_suffix(b"\r").unwrap_or(end);
            write(&String::from_utf8_lossy(end))?;
            line.clear();
        }
    } else {
        for value in &args.values {
            write(value)?;
        }
    }
    sink.flush().map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

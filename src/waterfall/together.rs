//! Futures that go on at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

enum Going<F: Future> {
    On(Pin<Box<F>>),
    Done(F::Output),
}

/// What all of them give, in their order, whichever is first.
pub(super) async fn together<F: Future>(futures: Vec<F>) -> Vec<F::Output>
where
    F::Output: Unpin,
{
    let mut going: Vec<Going<F>> = futures.into_iter().map(|future| Going::On(Box::pin(future))).collect();
    poll_fn(|context| {
        let mut all = true;
        for one in &mut going {
            if let Going::On(future) = one {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *one = Going::Done(output),
                    Poll::Pending => all = false,
                }
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let done = going.into_iter().filter_map(|one| match one {
        Going::Done(output) => Some(output),
        Going::On(_) => None,
    });
    done.collect()
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn the_order_is_that_of_the_futures() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let wait = |milliseconds: u64| async move {
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
            milliseconds
        };
        let all = runtime.block_on(together(vec![wait(30), wait(1), wait(10)]));
        assert_eq!(all, [30, 1, 10]);
    }
}

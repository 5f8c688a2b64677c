//! Futures that go on at once, and one that panics without the others.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
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

/// What a future gives, or what it said when it panicked; it is not asked any further then.
pub(super) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(message(&*panic))),
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it did not say why")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{caught, together};

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

    #[test]
    fn one_that_panics_says_why() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = async |number: i32| if number > 1 { panic!("{number} is too many") } else { number };
        let all = runtime.block_on(together(vec![caught(answer(1)), caught(answer(2))]));
        assert_eq!(all, [Ok(1), Err("2 is too many".to_owned())]);
    }
}

//! Work on a database while Python waits: on a thread of its own, so that the calling one hears signals. Nothing runs
//! between calls.

use crate::location::Location;
use crate::running_work::{aside, at_work, closed, environment, open_guarded};
use firmograph::store::Tally;
use firmograph::{Engine, Error, ErrorKind, Progress};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

/// How long the calling thread waits before it asks for signals.
const SLICE: Duration = Duration::from_millis(40);

/// After how long an idle connection is asked whether it still is one: a server may have ended it.
const LATELY: Duration = Duration::from_secs(1);

/// A database and who works on it: one at a time.
pub(crate) struct Running {
    location: Arc<Location>,
    place: Arc<Place>,
}

#[derive(Default)]
struct Place {
    state: Mutex<State>,
    is_free: Condvar,
}

#[derive(Default)]
struct State {
    busy: Option<Busy>,
    /// The database between two calls.
    open: Option<Open>,
    /// When it last did a work.
    answered: Option<Instant>,
}

/// A work.
struct Busy {
    stop: Arc<Stop>,
    /// The thread that waits for its end. What that one runs meanwhile would wait for itself.
    waiting: Option<ThreadId>,
}

/// Why a database could not be taken.
enum NotTaken {
    NotYet,
    /// The thread that asks is the one that waits for the work.
    Mine,
}

/// A database and the runtime that its connection belongs to, which must go last.
pub(crate) struct Open {
    pub(crate) engine: Engine,
    pub(crate) runtime: Runtime,
}

/// How a work is stopped.
#[derive(Default)]
pub(crate) struct Stop {
    is_stopped: AtomicBool,
    pub(crate) wake: Notify,
}

impl Stop {
    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}

/// How far an ingest is.
pub(crate) struct Told {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) size: Option<u64>,
    pub(crate) tally: Tally,
}

enum Message {
    Progress(Told, SyncSender<()>),
    Done(Result<Value, Error>),
}

/// What works: where it tells how far it is.
pub(crate) struct Ear {
    sink: Sender<Message>,
    stop: Arc<Stop>,
    location: Arc<Location>,
    /// Why the work must not go on.
    refused: Mutex<Option<Error>>,
    /// Stops a file's reader when nobody wants it any more.
    pub(crate) interrupted: Arc<AtomicBool>,
}

impl Ear {
    /// Tells how far an ingest is, and waits until it was heard: who listens may not want any more.
    pub(crate) fn tell(&self, progress: &Progress<'_>) {
        let (heard, hears) = sync_channel(0);
        let told = Told {
            path: progress.path.display().to_string(),
            bytes: progress.bytes,
            size: progress.size,
            tally: progress.tally,
        };
        let gone = self.sink.send(Message::Progress(told, heard)).is_err() || hears.recv().is_err();
        if gone || self.stop.is_stopped() {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        // Before the next batch is written.
        if let Err(error) = self.location.check_in_place() {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            self.stop.wake.notify_one();
        }
    }

    /// Why the work must not go on, where it must not.
    pub(crate) fn refused(&self) -> Option<Error> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What became of a work: its answer, or why there is none.
pub(crate) enum Ended<E> {
    Done(Result<Value, Error>),
    /// The one who waited did not want to any more.
    Left(E),
    /// Somebody else stopped it.
    Stopped,
}

/// Who waits for a work: hears how far it is, and says now and then whether to go on.
pub(crate) trait Wait {
    /// Why it does not wait any longer.
    type Left;
    /// Does something that blocks.
    fn block<T: Send>(&mut self, work: impl FnOnce() -> T + Send) -> T;
    /// # Errors
    /// Where it should end.
    fn go_on(&mut self) -> Result<(), Self::Left>;
    /// # Errors
    /// Where it should end.
    fn hear(&mut self, told: Told) -> Result<(), Self::Left>;
}

impl Running {
    pub(crate) fn new(url: &str) -> Self {
        Running { location: Arc::new(Location::new(url)), place: Arc::default() }
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// Stops whoever works; what is not committed is rolled back.
    pub(crate) fn stop(&self) {
        if !self.location.is_forked()
            && let Some(busy) = &self.place.state().busy
        {
            busy.stop.stop();
        }
    }

    /// Lets the engine do something.
    pub(crate) fn run<W: Wait>(
        &self,
        wait: &mut W,
        work: impl AsyncFnOnce(&mut Engine, &Ear) -> Result<Value, Error> + Send + 'static,
    ) -> Ended<W::Left> {
        let place = Arc::clone(&self.place);
        self.drive(wait, async move |engine: &mut Option<Engine>, location: &Location, ear: &Ear| {
            if let Some(open) = engine {
                location.check_in_place()?;
                if !place.answered_lately()
                    && !open.store().is_alive().await
                    && let Some(dead) = engine.take()
                {
                    closed(dead, location).await;
                }
            }
            let engine = match engine {
                Some(engine) => engine,
                None => engine.insert(open_guarded(location).await?),
            };
            let done = work(engine, ear).await;
            place.state().answered = Some(Instant::now());
            done
        })
    }

    /// Lets something be done where the database may not be open yet.
    pub(crate) fn drive<W: Wait>(
        &self,
        wait: &mut W,
        work: impl AsyncFnOnce(&mut Option<Engine>, &Location, &Ear) -> Result<Value, Error> + Send + 'static,
    ) -> Ended<W::Left> {
        if self.location.is_forked() {
            return Ended::Done(Err(self.location.forked()));
        }
        let stop = Arc::new(Stop::default());
        let open = loop {
            let taken = wait.block(|| self.place.take(&stop));
            match taken {
                Ok(open) => break open,
                Err(NotTaken::Mine) => return Ended::Done(Err(busy("this Store"))),
                Err(NotTaken::NotYet) => {
                    if let Err(left) = wait.go_on() {
                        return Ended::Left(left);
                    }
                }
            }
        };
        let _waiting = Waiting { place: &self.place, stop: &stop };
        let (sink, mut messages) = channel();
        let ear = Ear {
            sink: sink.clone(),
            stop: Arc::clone(&stop),
            location: Arc::clone(&self.location),
            refused: Mutex::default(),
            interrupted: Arc::default(),
        };
        let interrupted = Arc::clone(&ear.interrupted);
        let (location, place, mine) =
            (Arc::clone(&self.location), Arc::clone(&self.place), Arc::clone(&stop));
        let spawned = std::thread::Builder::new().name("firmograph".to_owned()).spawn(move || {
            // Whatever becomes of the work, the next one must not wait for ever.
            let mut leave = Leave { place, open: None };
            let (done, open) = at_work(&location, open, work, ear, &mine);
            leave.open = open;
            drop(leave);
            drop(sink.send(Message::Done(done)));
        });
        if let Err(error) = spawned {
            self.place.leave(None);
            return Ended::Done(Err(environment("thread", &error)));
        }
        let give_up = || {
            interrupted.store(true, Ordering::Relaxed);
            stop.stop();
        };
        loop {
            let (back, got) = wait.block(move || listen(messages));
            messages = back;
            match got {
                Ok(Message::Done(Err(error))) if error.kind() == ErrorKind::Interrupted => {
                    return Ended::Stopped;
                }
                Ok(Message::Done(done)) => return Ended::Done(done),
                Ok(Message::Progress(told, heard)) => match wait.hear(told) {
                    Ok(()) => drop(heard.send(())),
                    Err(left) => {
                        // Before the work goes on: nothing is committed after what was heard.
                        give_up();
                        return Ended::Left(left);
                    }
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let message = "the work on the database ended in a panic, which is a bug of firmograph";
                    return Ended::Done(Err(Error::new(ErrorKind::Environment, "internal-error", message)));
                }
            }
            if stop.is_stopped() {
                return Ended::Stopped;
            }
            if let Err(left) = wait.go_on() {
                give_up();
                return Ended::Left(left);
            }
        }
    }

    /// Whether a work was stopped and has not ended yet: it closes the database when it does.
    pub(crate) fn is_stopping(&self) -> bool {
        !self.location.is_forked()
            && self.place.state().busy.as_ref().is_some_and(|busy| busy.stop.is_stopped())
    }

    /// Closes the database; it is opened again when it is needed.
    pub(crate) fn close<W: Wait>(&self, wait: &mut W) -> Ended<W::Left> {
        self.drive(wait, async |engine, location, _| {
            if let Some(engine) = engine.take() {
                closed(engine, location).await;
            }
            Ok(Value::Null)
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.location.is_forked() {
            // Its connection is the parent's: what is closed here would be closed there.
            std::mem::forget(Arc::clone(&self.place));
            return;
        }
        self.stop();
        let open = self.place.state().open.take();
        if let Some(Open { engine, runtime }) = open {
            let location = Arc::clone(&self.location);
            aside(move || runtime.block_on(closed(engine, &location)));
        }
    }
}

impl Place {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the database, if it is free within a slice of time.
    fn take(&self, stop: &Arc<Stop>) -> Result<Option<Open>, NotTaken> {
        let (state, me) = (self.state(), Some(std::thread::current().id()));
        let is_others = |busy: &Busy| busy.waiting != me;
        let waited =
            self.is_free.wait_timeout_while(state, SLICE, |state| state.busy.as_ref().is_some_and(is_others));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(busy) = &state.busy {
            return Err(if is_others(busy) { NotTaken::NotYet } else { NotTaken::Mine });
        }
        state.busy = Some(Busy { stop: Arc::clone(stop), waiting: me });
        Ok(state.open.take())
    }

    /// Whether the database did a work just now: then it is not asked whether it still does.
    fn answered_lately(&self) -> bool {
        self.state().answered.is_some_and(|answered| answered.elapsed() < LATELY)
    }

    fn leave(&self, open: Option<Open>) {
        let mut state = self.state();
        (state.busy, state.open) = (None, open);
        self.is_free.notify_one();
    }
}

/// The thread that waits for a work, until it does not any more: then its next call may wait for the end.
struct Waiting<'p> {
    place: &'p Place,
    stop: &'p Arc<Stop>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(busy) = &mut self.place.state().busy
            && Arc::ptr_eq(&busy.stop, self.stop)
        {
            busy.waiting = None;
        }
    }
}

/// What a thread is told that would wait for itself.
pub(crate) fn busy(what: &str) -> Error {
    let message = format!(
        "{what} is at work for this very thread, and this is called by what runs meanwhile, such as a progress \
         callback or a signal's handler: it would wait for itself"
    );
    Error::new(ErrorKind::Usage, "busy", message)
        .with_help("call it when the other call has ended, or use another one of the same database")
}

/// Gives the database back when a work ends, also where it ends in a panic.
struct Leave {
    place: Arc<Place>,
    open: Option<Open>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.place.leave(self.open.take());
    }
}

fn listen(messages: Receiver<Message>) -> (Receiver<Message>, Result<Message, RecvTimeoutError>) {
    let got = messages.recv_timeout(SLICE);
    (messages, got)
}

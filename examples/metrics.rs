//! Serves what `firmograph stats --prometheus` tells, for Prometheus to scrape: `cargo run --example metrics -- sqlite://firmograph.db`,
//! then `curl http://127.0.0.1:9464/metrics`.
//!
//! One scrape is answered at a time, which is all that Prometheus asks for. It listens on the loopback address alone: numbers of runs and
//! rejects are nobody else's business, so put what you have for that before it. No stored value is matched anew for a scrape, which would
//! read samples of ten tables each time: `firmograph stats` tells those ratios once a day.
#![expect(clippy::print_stderr, reason = "an example talks")]

use firmograph::{Engine, StatsOptions, Timestamp, prometheus_text};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args().nth(1).unwrap_or_else(|| "sqlite://firmograph.db".to_owned());
    let listener = TcpListener::bind("127.0.0.1:9464")?;
    eprintln!("http://{}/metrics", listener.local_addr()?);
    serve(&listener, &database, usize::MAX)
}

/// Answers so many requests.
fn serve(listener: &TcpListener, database: &str, requests: usize) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut engine = runtime.block_on(Engine::open(database))?;
    let cheap = StatsOptions { accuracy_rows: 0, ..StatsOptions::default() };
    for stream in listener.incoming().take(requests) {
        // Whoever connects and says nothing keeps no other waiting for long; one who is gone already is no reason to end.
        let mut stream = match stream {
            Ok(stream) if stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok() => stream,
            Ok(_) => continue,
            Err(error) => {
                eprintln!("{error}");
                // Out of files, perhaps, which passes.
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        let page = match asked(&stream).as_deref() {
            Some("/metrics") => Some(runtime.block_on(engine.stats_with(now(), &cheap))),
            _ => None,
        };
        let (status, body) = match page {
            Some(Ok(stats)) => ("200 OK", prometheus_text(&stats)),
            Some(Err(error)) => ("503 Service Unavailable", format!("{error}\n")),
            None => ("404 Not Found", "there is /metrics\n".to_owned()),
        };
        let length = body.len();
        // Somebody who has gone away wants no answer.
        drop(write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        ));
    }
    Ok(())
}

/// The path that a request is for, once its head was read.
fn asked(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    for line in lines {
        if line.ok()?.is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    (words.next()? == "GET").then(|| words.next().map(str::to_owned)).flatten()
}

/// The library reads no clock; whoever calls it says what time it is.
#[expect(clippy::disallowed_methods, reason = "a program is where the clock is read")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_scrape_is_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scraper = std::thread::spawn(move || {
            ["/metrics", "/"].map(|path| {
                let mut stream = TcpStream::connect(address).unwrap();
                write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                answer
            })
        });
        serve(&listener, "sqlite::memory:", 2).unwrap();
        let [metrics, other] = scraper.join().unwrap();
        let (head, body) = metrics.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"), "{head}");
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
        assert!(body.contains("\nfirmograph_golden_rows{entity=\"company\"} 0\n"), "{body}");
        assert!(other.starts_with("HTTP/1.1 404 Not Found\r\n"), "{other}");
    }
}

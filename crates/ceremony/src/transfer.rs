//! Bytes over HTTP into a file: from where it ends, again when a connection breaks.

use crate::error::FetchError;
use crate::fetch::Event;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;
use ureq::http::{Response, header};
use ureq::{Agent, Body};

/// Bytes read at a time.
const BUFFER: usize = 1 << 16;
/// Redirects that are followed.
const REDIRECTS: u32 = 5;

/// How long to wait for a server.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection, for an answer, and for each piece of it.
    pub silence: Duration,
    /// Tries in a row that bring no byte.
    pub tries: u32,
    /// Before the second try; twice as long before each further one.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let (silence, pause) = (Duration::from_secs(30), Duration::from_secs(1));
        Patience { silence, tries: 5, pause }
    }
}

/// What is to be transferred.
pub(crate) struct Transfer<'a> {
    pub(crate) url: &'a str,
    /// Where the bytes go.
    pub(crate) path: &'a Path,
    /// How many there are, if that is known.
    pub(crate) expected: Option<u64>,
    /// More than this is no SRS.
    pub(crate) most: u64,
    pub(crate) patience: Patience,
}

/// Why a try ended before the file did.
enum Broken {
    /// Another try may help.
    Connection(String),
    /// None will.
    Final(FetchError),
}

impl From<FetchError> for Broken {
    fn from(error: FetchError) -> Self {
        Broken::Final(error)
    }
}

impl Transfer<'_> {
    /// Appends to `file` what it lacks.
    pub(crate) fn run(
        &self,
        file: &mut File,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), FetchError> {
        let agent = self.agent();
        let (mut idle, mut pause) = (0, self.patience.pause);
        // A server that begins anew each time, and breaks each time, brings nothing.
        let mut most = self.length(file)?;
        loop {
            let reason = match self.attempt(&agent, file, observe) {
                Ok(()) => return Ok(()),
                Err(Broken::Final(error)) => return Err(error),
                Err(Broken::Connection(reason)) => reason,
            };
            let length = self.length(file)?;
            if length > most {
                (most, idle, pause) = (length, 0, self.patience.pause);
            }
            idle += 1;
            if idle >= self.patience.tries {
                return Err(FetchError::Interrupted { url: self.url.into(), reason, tries: idle });
            }
            observe(Event::Again { reason: &reason, after: pause });
            std::thread::sleep(pause);
            pause *= 2;
        }
    }

    fn agent(&self) -> Agent {
        let silence = Some(self.patience.silence);
        Agent::config_builder()
            .timeout_resolve(silence)
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .max_redirects(REDIRECTS)
            .http_status_as_error(false)
            .build()
            .new_agent()
    }

    fn attempt(
        &self,
        agent: &Agent,
        file: &mut File,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Broken> {
        let have = self.length(file)?;
        if Some(have) == self.expected {
            return Ok(());
        }
        let request = match have {
            0 => agent.get(self.url),
            _ => agent.get(self.url).header(header::RANGE, format!("bytes={have}-")),
        };
        let response = request.call().map_err(|error| self.broken(&error))?;
        let (start, total) = match response.status().as_u16() {
            200 => (0, length(&response)),
            206 => range(&response).filter(|&(start, _)| start == have).ok_or_else(|| {
                Broken::Connection("the server sends another range than was asked for".into())
            })?,
            // What is there is not the beginning of what the server has: from the start, once.
            416 if have > 0 => {
                self.cut(file, 0)?;
                return Err(Broken::Connection("the server has fewer bytes".into()));
            }
            status @ (408 | 425 | 429 | 500..=599) => {
                return Err(Broken::Connection(format!("the server answers {status}")));
            }
            status => return Err(FetchError::Refused { url: self.url.into(), status }.into()),
        };
        if let (Some(expected), Some(got)) = (self.expected, total)
            && expected != got
        {
            return Err(FetchError::Size { url: self.url.into(), expected, got }.into());
        }
        if total.is_some_and(|total| total > self.most) {
            return Err(FetchError::TooLarge { url: self.url.into(), most: self.most }.into());
        }
        self.cut(file, start)?;
        self.copy(response, file, start, self.expected.or(total), observe)
    }

    /// Appends the body, up to `total` bytes in all.
    fn copy(
        &self,
        response: Response<Body>,
        file: &mut File,
        start: u64,
        total: Option<u64>,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Broken> {
        let most = total.unwrap_or(self.most);
        let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
        let (mut buffer, mut have) = (vec![0; BUFFER], start);
        loop {
            observe(Event::Bytes { done: have, total });
            let got =
                body.read(&mut buffer).map_err(|error| Broken::Connection(error.to_string()))?;
            if got == 0 {
                break;
            }
            have += got as u64;
            if have > most {
                let url = self.url.to_owned();
                return Err(match total {
                    Some(expected) => FetchError::Size { url, expected, got: have },
                    None => FetchError::TooLarge { url, most: self.most },
                }
                .into());
            }
            file.write_all(buffer.get(..got).unwrap_or_default()).map_err(|e| self.file(e))?;
        }
        match total {
            Some(total) if have < total => {
                Err(Broken::Connection(format!("the connection ended after {have} bytes")))
            }
            _ => Ok(()),
        }
    }

    /// Leaves `length` bytes, and the next ones behind them.
    fn cut(&self, file: &mut File, length: u64) -> Result<(), FetchError> {
        file.set_len(length).map_err(|error| self.file(error))?;
        file.seek(SeekFrom::Start(length)).map_err(|error| self.file(error))?;
        Ok(())
    }

    fn length(&self, file: &File) -> Result<u64, FetchError> {
        Ok(file.metadata().map_err(|error| self.file(error))?.len())
    }

    fn file(&self, source: io::Error) -> FetchError {
        FetchError::File { path: self.path.into(), source }
    }

    fn broken(&self, error: &ureq::Error) -> Broken {
        match error {
            ureq::Error::BadUri(_)
            | ureq::Error::RequireHttpsOnly(_)
            | ureq::Error::Http(_)
            | ureq::Error::TooManyRedirects => {
                FetchError::Url { url: self.url.into(), reason: error.to_string() }.into()
            }
            _ => Broken::Connection(error.to_string()),
        }
    }
}

/// The length that an answer announces.
fn length(response: &Response<Body>) -> Option<u64> {
    response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// Where the bytes of an answer begin, and how many the file has: `bytes 5-9/10`.
fn range(response: &Response<Body>) -> Option<(u64, Option<u64>)> {
    let text = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

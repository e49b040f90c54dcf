//! Fetching from a server that fails in every way that it can.
#![allow(clippy::unwrap_used)]

use provenn_ceremony::{Event, Fetch, FetchError, Patience};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NAME: &str = "powersOfTau28_hez_final_08.ptau";

fn ceremony() -> Vec<u8> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read(here.join("tests").join(NAME)).unwrap()
}

/// What the server does to one request.
#[derive(Clone, Copy)]
enum Reply {
    /// Everything from where it is asked to begin.
    Whole,
    /// The same, but the connection ends after so many bytes of the body.
    Cut(usize),
    /// The same, but after so many bytes nothing comes.
    Stall(usize),
    /// All of it, whatever was asked for.
    WithoutRanges,
    /// The same, but the connection ends after so many bytes.
    CutWhole(usize),
    /// From another place than it says.
    AnotherRange,
    /// One bit is another.
    Corrupt,
    /// An answer without a body.
    Status(u16),
    /// To another path of this server.
    Redirect(&'static str),
    /// Says that it has so many bytes.
    Announces(u64),
}

/// The first line of a request, and the byte at which its range begins.
type Request = (String, Option<usize>);

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers in order; the last reply is repeated.
    fn new(replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(vec![]));
        let (replies, log, bytes) = (replies.to_vec(), Arc::clone(&seen), ceremony());
        std::thread::spawn(move || {
            for (i, stream) in listener.incoming().enumerate() {
                let reply = replies[i.min(replies.len() - 1)];
                let stream = stream.unwrap();
                let request = request(&stream);
                let start = request.1;
                log.lock().unwrap().push(request);
                let bytes = bytes.clone();
                std::thread::spawn(move || answer(stream, reply, start, &bytes));
            }
        });
        Server { url, seen }
    }

    fn fetch(&self) -> Fetch {
        self.fetch_named(NAME)
    }

    fn fetch_named(&self, name: &str) -> Fetch {
        let patience = Patience {
            silence: Duration::from_millis(300),
            tries: 3,
            pause: Duration::from_millis(1),
        };
        Fetch::at(&format!("{}/{name}", self.url)).unwrap().patience(patience)
    }

    fn starts(&self) -> Vec<Option<usize>> {
        self.seen.lock().unwrap().iter().map(|(_, start)| *start).collect()
    }
}

fn request(stream: &TcpStream) -> Request {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let mut start = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some(range) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().ok();
        }
    }
    (first, start)
}

fn answer(
    mut stream: TcpStream,
    reply: Reply,
    start: Option<usize>,
    whole: &[u8],
) -> std::io::Result<()> {
    let start = start.unwrap_or(0).min(whole.len());
    let mut body = whole[start..].to_vec();
    let total = whole.len();
    let partial =
        |from: usize| format!("206 Partial\r\nContent-Range: bytes {from}-{}/{total}", total - 1);
    let head = match (reply, start) {
        (Reply::Status(status), _) => format!("{status} Reason\r\nContent-Length: 0"),
        (Reply::Redirect(to), _) => format!("302 Found\r\nLocation: {to}\r\nContent-Length: 0"),
        (Reply::Announces(bytes), _) => format!("200 OK\r\nContent-Length: {bytes}"),
        (Reply::WithoutRanges | Reply::CutWhole(_), _) => {
            body = whole.to_vec();
            format!("200 OK\r\nContent-Length: {total}")
        }
        (Reply::AnotherRange, 1..) => format!("{}\r\nContent-Length: {}", partial(0), body.len()),
        (_, 0) => format!("200 OK\r\nContent-Length: {total}"),
        _ => format!("{}\r\nContent-Length: {}", partial(start), body.len()),
    };
    write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n")?;
    match reply {
        Reply::Status(_) | Reply::Redirect(_) => Ok(()),
        Reply::Cut(bytes) | Reply::CutWhole(bytes) => {
            stream.write_all(&body[..bytes.min(body.len())])
        }
        Reply::Stall(bytes) => {
            stream.write_all(&body[..bytes.min(body.len())])?;
            stream.flush()?;
            std::thread::sleep(Duration::from_millis(900));
            Ok(())
        }
        Reply::Corrupt => {
            let middle = body.len() / 2;
            body[middle] ^= 4;
            stream.write_all(&body)
        }
        _ => stream.write_all(&body),
    }
}

fn fetched(server: &Server, folder: &Path) -> Result<PathBuf, FetchError> {
    server.fetch().into_folder(folder, |_| {})
}

fn is_whole(path: &Path) {
    assert!(fs::read(path).unwrap() == ceremony());
}

/// That nothing is there under the file's name.
fn nothing(folder: &Path) {
    assert!(!folder.join(NAME).exists());
}

#[test]
fn a_file_arrives_with_progress_and_is_not_fetched_twice() {
    let (server, folder) = (Server::new(&[Reply::Whole]), tempfile::tempdir().unwrap());
    let mut last = None;
    let observe = |event: Event<'_>| {
        if let Event::Bytes { done, total } = event {
            assert!(last.is_none_or(|last| last <= done));
            assert_eq!(total, Some(378_008));
            last = Some(done);
        }
    };
    let below = folder.path().join("a").join("b");
    let path = server.fetch().into_folder(&below, observe).unwrap();
    assert_eq!(last, Some(378_008));
    is_whole(&path);
    assert_eq!(fetched(&server, &below).unwrap(), path);
    assert_eq!(server.starts().len(), 1);
    assert_eq!(fs::read_dir(&below).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_connection_that_ends_or_stalls_is_taken_up_where_it_was() {
    let replies = [Reply::Cut(1000), Reply::Stall(50_000), Reply::Cut(70_000), Reply::Whole];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    let mut again = 0;
    let observe = |event: Event<'_>| again += usize::from(matches!(event, Event::Again { .. }));
    is_whole(&server.fetch().into_folder(folder.path(), observe).unwrap());
    assert_eq!(server.starts(), [None, Some(1000), Some(51_000), Some(121_000)]);
    assert_eq!(again, 3);
}

#[test]
fn what_an_earlier_process_left_is_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let dying = Server::new(&[Reply::Cut(2000), Reply::Cut(0)]);
    let error = fetched(&dying, folder.path()).unwrap_err();
    assert!(matches!(error, FetchError::Interrupted { tries: 3, .. }), "{error}");
    nothing(folder.path());
    let server = Server::new(&[Reply::Whole]);
    is_whole(&fetched(&server, folder.path()).unwrap());
    assert_eq!(server.starts(), [Some(2000)]);
}

#[test]
fn a_server_without_ranges_begins_again() {
    let replies = [Reply::Cut(1000), Reply::WithoutRanges];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    is_whole(&fetched(&server, folder.path()).unwrap());
}

#[test]
fn a_server_that_begins_anew_and_breaks_each_time_is_given_up() {
    let replies = [Reply::CutWhole(9000), Reply::CutWhole(100), Reply::CutWhole(9000)];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    let error = fetched(&server, folder.path()).unwrap_err();
    assert!(matches!(error, FetchError::Interrupted { tries: 3, .. }), "{error}");
}

#[test]
fn another_range_than_asked_for_is_not_taken() {
    let replies = [Reply::Cut(1000), Reply::AnotherRange, Reply::Whole];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    is_whole(&fetched(&server, folder.path()).unwrap());
}

#[test]
fn another_file_of_the_same_name_is_refused_and_nothing_is_left_of_it() {
    let (server, folder) = (Server::new(&[Reply::Corrupt]), tempfile::tempdir().unwrap());
    let error = fetched(&server, folder.path()).unwrap_err();
    assert!(matches!(error, FetchError::Digest { .. }), "{error}");
    nothing(folder.path());
    for bytes in [378_007, 378_009, 1 << 60] {
        let (server, folder) =
            (Server::new(&[Reply::Announces(bytes)]), tempfile::tempdir().unwrap());
        let error = fetched(&server, folder.path()).unwrap_err();
        assert!(matches!(error, FetchError::Size { got, .. } if got == bytes), "{error}");
        nothing(folder.path());
    }
}

#[test]
fn a_bad_beginning_is_fetched_again_from_the_start() {
    for reply in [Reply::Whole, Reply::WithoutRanges] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(format!("{NAME}.part")), [7; 5000]).unwrap();
        is_whole(&fetched(&Server::new(&[reply]), folder.path()).unwrap());
        // One that is longer than the file.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(format!("{NAME}.part")), vec![7; 400_000]).unwrap();
        let server = Server::new(&[Reply::Status(416), reply]);
        is_whole(&fetched(&server, folder.path()).unwrap());
    }
}

#[test]
fn passing_troubles_are_waited_for_and_others_are_not() {
    let replies = [Reply::Status(503), Reply::Status(429), Reply::Whole];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    is_whole(&fetched(&server, folder.path()).unwrap());
    for status in [401, 403, 404, 410] {
        let (server, folder) =
            (Server::new(&[Reply::Status(status)]), tempfile::tempdir().unwrap());
        let error = fetched(&server, folder.path()).unwrap_err();
        assert!(
            matches!(error, FetchError::Refused { status: got, .. } if got == status),
            "{error}"
        );
        assert_eq!(server.starts().len(), 1);
        nothing(folder.path());
    }
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let folder = tempfile::tempdir().unwrap();
    let nobody = Server { url: nobody, seen: Arc::default() };
    let error = fetched(&nobody, folder.path()).unwrap_err();
    assert!(matches!(error, FetchError::Interrupted { .. }), "{error}");
}

#[test]
fn redirects_are_followed_but_not_in_circles() {
    let replies = [Reply::Redirect("/elsewhere/x"), Reply::Whole];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    let path = fetched(&server, folder.path()).unwrap();
    assert_eq!(path, folder.path().join(NAME), "the name is ours, whatever the server calls it");
    is_whole(&path);
    assert!(server.seen.lock().unwrap()[1].0.contains("/elsewhere/x"));
    let circle = Server::new(&[Reply::Redirect("/again")]);
    let error = fetched(&circle, tempfile::tempdir().unwrap().path()).unwrap_err();
    assert!(matches!(error, FetchError::Url { .. }), "{error}");
}

#[test]
fn a_file_that_nobody_published_is_taken_as_it_comes() {
    let (server, folder) =
        (Server::new(&[Reply::Cut(9), Reply::Whole]), tempfile::tempdir().unwrap());
    let fetch = server.fetch_named("own.srs?version=2");
    assert!(fetch.published().is_none());
    let path = fetch.into_folder(folder.path(), |_| {}).unwrap();
    assert_eq!(path, folder.path().join("own.srs"));
    is_whole(&path);
    let endless = Server::new(&[Reply::Announces(1 << 50)]);
    let error = endless.fetch_named("own.srs").into_folder(&folder.path().join("x"), |_| {});
    assert!(matches!(error, Err(FetchError::TooLarge { .. })));
}

#[test]
fn several_at_once_fetch_once() {
    let replies = [Reply::Stall(200), Reply::Whole];
    let (server, folder) = (Server::new(&replies), tempfile::tempdir().unwrap());
    let waited = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let observe = |event: Event<'_>| {
                    *waited.lock().unwrap() += usize::from(matches!(event, Event::Waiting));
                };
                is_whole(&server.fetch().into_folder(folder.path(), observe).unwrap());
            });
        }
    });
    assert_eq!(server.starts(), [None, Some(200)]);
    assert_eq!(*waited.lock().unwrap(), 3);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn urls_that_name_no_file_are_refused() {
    for url in [
        "",
        "x",
        "ftp://a/b",
        "file:///etc/passwd",
        "https://a.example/",
        "http://a/..",
        "http://a/b%2fc",
        "http://a/.part",
        "https://a/b c",
        "https://a/\u{1b}[2J",
    ] {
        assert!(matches!(Fetch::at(url), Err(FetchError::Url { .. })), "{url}");
    }
    assert!(matches!(Fetch::serving(27, None), Err(FetchError::K { k: 27, most: 26 })));
    let fetch = Fetch::serving(12, Some("https://mirror.example/a")).unwrap();
    assert_eq!(fetch.url(), "https://mirror.example/a/powersOfTau28_hez_final_12.ptau");
    assert_eq!(fetch.published().map(|file| file.k), Some(12));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = fetched(&Server::new(&[Reply::Whole]), &file.join("below")).unwrap_err();
    assert!(matches!(&error, FetchError::File { path, .. } if path.starts_with(&file)), "{error}");
}

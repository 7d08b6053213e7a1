//! Ports: whether they are free, and if not, who has them.

use std::{
    fs, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use super::{Finding, fail, ok, warn};

/// The sockets that listen: address and inode.
pub(super) type Listeners = Vec<(SocketAddr, String)>;

/// Every socket of this machine that listens, as the kernel lists them.
pub(super) fn listeners() -> Listeners {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let texts = tables.map(|table| fs::read_to_string(table).unwrap_or_default());
    texts
        .iter()
        .flat_map(|text| text.lines().filter_map(listener))
        .collect()
}

/// Reads a line such as `0: 0100007F:C383 00000000:0000 0A … 0 0 395265 …`.
fn listener(line: &str) -> Option<(SocketAddr, String)> {
    const LISTENS: &str = "0A";
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, state, ..] = words[..] else {
        return None;
    };
    let inode = words.get(9)?;
    let (address, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Four bytes at a time, each four in the machine's own order.
    let words: Option<Vec<[u8; 4]>> = (0..address.len() / 8)
        .map(|at| u32::from_str_radix(&address[at * 8..at * 8 + 8], 16).ok())
        .map(|word| word.map(u32::to_ne_bytes))
        .collect();
    let address = match words?[..] {
        [four] => Ipv4Addr::from(four).into(),
        [a, b, c, d] => {
            let bytes: [u8; 16] = [a, b, c, d].concat().try_into().ok()?;
            Ipv6Addr::from(bytes).to_canonical()
        }
        _ => return None,
    };
    (state == LISTENS).then(|| (SocketAddr::new(address, port), (*inode).to_owned()))
}

/// Whether an address can be listened on.
pub(super) fn port(about: &'static str, address: SocketAddr, listeners: &Listeners) -> Finding {
    if address.port() == 0 {
        return ok(about, format!("{address}: a free one is picked"));
    }
    let same = |taken: &SocketAddr| {
        let ip = taken.ip();
        taken.port() == address.port()
            && (ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified())
    };
    if let Some((_, inode)) = listeners.iter().find(|(taken, _)| same(taken)) {
        return taken(about, address, process_of(inode).as_deref());
    }
    match TcpListener::bind(address) {
        Ok(_) => ok(about, format!("{address} is free")),
        Err(problem) if problem.kind() == io::ErrorKind::AddrInUse => taken(about, address, None),
        Err(problem) => fail(
            about,
            format!("{address} cannot be listened on: {problem}"),
            "give an address of this machine and a port above 1023",
        ),
    }
}

fn taken(about: &'static str, address: SocketAddr, by: Option<&str>) -> Finding {
    match by {
        Some(name) if name.ends_with("(homeshore)") => {
            ok(about, format!("{address}: {name} listens"))
        }
        Some(name) => fail(
            about,
            format!("{address} is used by {name}"),
            "end that, or give another port; 0 picks a free one",
        ),
        None => warn(
            about,
            format!("{address} is used by a process that this user may not see"),
            "if it is not homeshore, give another port; 0 picks a free one",
        ),
    }
}

/// The process that has a socket open.
fn process_of(inode: &str) -> Option<String> {
    let socket = format!("socket:[{inode}]");
    let has_it = |process: &fs::DirEntry| {
        let files = fs::read_dir(process.path().join("fd"));
        let files = files.into_iter().flatten().flatten();
        let mut links = files.filter_map(|file| fs::read_link(file.path()).ok());
        links.any(|link| link.as_os_str() == socket.as_str())
    };
    let process = fs::read_dir("/proc").ok()?.flatten().find(has_it)?;
    let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
    let pid = process.file_name();
    Some(format!(
        "process {} ({})",
        pid.to_string_lossy(),
        name.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::Grade, listener, taken};

    #[test]
    fn the_kernels_list_is_read() {
        let four = "  0: 0100007F:C383 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 395265 1";
        let told = listener(four).unwrap();
        assert_eq!(
            (told.0.to_string(), &*told.1),
            ("127.0.0.1:50051".to_owned(), "395265")
        );
        let six = "  0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0  0 0 7 1";
        assert_eq!(listener(six).unwrap().0.to_string(), "[::]:8080");
        let open = four.replace(" 0A ", " 01 ");
        assert_eq!(listener(&open), None);
        assert_eq!(listener("  sl  local_address rem_address   st"), None);
    }

    #[test]
    fn a_port_of_our_own_is_fine() {
        let address = "127.0.0.1:50051".parse().unwrap();
        let grade = |by| taken("port grpc", address, by).grade;
        assert_eq!(grade(Some("process 7 (homeshore)")), Grade::Ok);
        assert_eq!(grade(Some("process 7 (nginx)")), Grade::Fail);
        assert_eq!(grade(None), Grade::Warn);
    }
}

//! The append-only files on a disk that breaks at each of its operations: what was safe is there afterwards, and what is
//! there is a beginning of what happened, transactions whole.

use journal::aof::{
    Background, BaseFormat, Extent, Extras, Fault as Damage, Found, Names, Orders, Policy, Walk, Writer,
    find, prepare,
};
use journal::disk::{Disk, File, read_all};
use journal::{Journal, Offset};
use sim::disk::{Fault, FaultyDisk};
use std::io;
use std::sync::Arc;

/// A thread that forces files to the disk, as slowly as the test wants.
#[derive(Default)]
struct Slowly {
    file: Option<Arc<dyn File>>,
    polls: u64,
}

impl Background for Slowly {
    fn begin(&mut self, file: Arc<dyn File>) {
        (self.file, self.polls) = (Some(file), 2);
    }
    fn result(&mut self) -> Option<io::Result<()>> {
        self.polls = self.polls.saturating_sub(1);
        if self.polls > 0 { None } else { self.file.take().map(|file| file.sync()) }
    }
    fn wait(&mut self) -> io::Result<()> {
        self.file.take().expect("one is under way").sync()
    }
}

/// A server's append-only files and the clock.
struct Server {
    journal: Arc<Journal>,
    writer: Writer,
    background: Slowly,
    orders: Orders,
    now_ns: u64,
}

fn names() -> Names {
    Names::new(b"dir", b"aof")
}

fn orders(policy: Policy) -> Orders {
    let always = policy == Policy::Always;
    Orders { policy, extras: Extras { seconds: true, checksums: false, aside: always }, no_sync: false }
}

impl Server {
    fn start(disk: &FaultyDisk, orders: Orders) -> io::Result<Server> {
        let found = find(disk, &names()).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let end = match found.manifest.incremental.last() {
            Some(last) => contents(disk, &last.name, true)?.1,
            None => 0,
        };
        let disk = Arc::new(disk.clone());
        let (log, _) = prepare(disk, names(), found.manifest, end, (b"", BaseFormat::Aof))?;
        let journal = Arc::new(Journal::new());
        let writer = Writer::new(log, journal.read());
        Ok(Server { journal, writer, background: Slowly::default(), orders, now_ns: 0 })
    }

    /// A Unit that sets so many keys to its number.
    fn unit(&self, number: u64, keys: u64, len: usize) -> Offset {
        let record = |key: u64| {
            let mut bytes = Vec::new();
            let value = [number.to_string().as_bytes(), &vec![b'.'; len]].concat();
            resp::push_command(&mut bytes, &[b"SET", format!("{key}/{keys}").as_bytes(), &value]);
            bytes
        };
        let records: Vec<_> = (0..keys).map(record).collect();
        self.journal.append(records.iter().map(|bytes| (0, &bytes[..])), number as i64 / 3)
    }

    fn turn(&mut self) {
        self.now_ns += 300_000_000;
        let now_ns = self.now_ns;
        let _ = self.writer.turn(self.orders, &|| now_ns, &mut self.background);
    }

    /// Tries until all is written and safe.
    fn settle(&mut self) {
        for _ in 0..200 {
            self.turn();
        }
    }
}

/// The commands of a file, and how far it is whole. Only the last file may end too early.
fn contents(disk: &FaultyDisk, name: &[u8], last: bool) -> io::Result<(Vec<Vec<Vec<u8>>>, u64)> {
    let path = names().path(name);
    let extent = Extent::of(&*disk.open(&path)?)?;
    let mut bytes = read_all(disk, &path)?;
    bytes.truncate(extent.end as usize);
    let broken = |damage: Damage| io::Error::other(format!("{}: {damage:?}", name.escape_ascii()));
    let (mut walk, mut commands, mut open) = (Walk::new(), Vec::new(), Vec::new());
    loop {
        let input = &bytes[walk.offset() as usize..];
        match walk.next(input).map_err(broken)? {
            Found::More => break,
            Found::Annotation(_) => {}
            Found::Command(_) => open.push(walk.args(input).iter().map(<[u8]>::to_vec).collect()),
        }
        if !walk.in_transaction() {
            commands.append(&mut open);
        }
    }
    let whole = walk.whole().offset;
    if whole < extent.end && !last {
        return Err(io::Error::other(format!("{} ends too early", name.escape_ascii())));
    }
    Ok((commands, whole))
}

/// The numbers of the Units that a disk holds, each of which has to be there as a whole.
fn units(disk: &FaultyDisk) -> Result<Vec<u64>, String> {
    let found = find(disk, &names()).map_err(|error| format!("{error:?}"))?;
    let files: Vec<_> = found.manifest.to_load().cloned().collect();
    let mut units: Vec<(u64, u64)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        // Files behind the last one with content are empty.
        let last =
            files[at + 1..].iter().all(|file| contents(disk, &file.name, true).is_ok_and(|c| c.0.is_empty()));
        let (commands, _) = contents(disk, &file.name, last).map_err(|error| error.to_string())?;
        for words in commands.iter().filter(|words| words[0] == b"SET") {
            let text = |at: usize| String::from_utf8_lossy(&words[at]).trim_end_matches('.').to_owned();
            let (key, value) = (text(1), text(2).parse().map_err(|_| format!("a value {}", text(2)))?);
            let (key, keys) = key.split_once('/').expect("a key of the test");
            if key != "0" && units.last().is_none_or(|last| last.0 != value) {
                return Err(format!("half a transaction {value}"));
            }
            units.extend((key == "0").then(|| (value, keys.parse().expect("a number"))));
        }
    }
    Ok(units.into_iter().map(|unit| unit.0).collect())
}

/// What a run has come to: the numbers of its Units with their offsets, and up to where they are safe.
struct Ran {
    units: Vec<(u64, Offset)>,
    safe: Offset,
}

impl Ran {
    /// What a disk must hold, given what it holds.
    fn check(&self, disk: &FaultyDisk, before: &[u64]) -> Result<(), String> {
        let found = units(disk)?;
        let all: Vec<u64> = before.iter().copied().chain(self.units.iter().map(|unit| unit.0)).collect();
        if !all.starts_with(&found) {
            return Err(format!("{found:?} isn't a beginning of {all:?}"));
        }
        let safe = before.len() + self.units.iter().filter(|unit| unit.1 <= self.safe).count();
        if found.len() < safe {
            return Err(format!("{found:?} lacks something of the first {safe} of {all:?}"));
        }
        Ok(())
    }
}

/// A small workload, from a start on: Units of all sizes, a new file in between.
fn work(server: &mut Server, from: u64) -> Ran {
    let mut ran = Ran { units: Vec::new(), safe: 0 };
    for number in from..from + 12 {
        // Under `always` there are batches that are too large for space set aside.
        let large = server.orders.extras.aside && number == 5;
        let len = if large { 400 << 10 } else { (number as usize * 97) % 900 };
        let end = server.unit(number, 1 + number % 3, len);
        ran.units.push((number, end));
        if number == from + 7 {
            server.journal.begin_file();
        }
        if number % 4 != 1 {
            server.turn();
            ran.safe = server.writer.durable();
        }
    }
    ran
}

/// Cuts the power at each operation, also of a second start, and looks at what may be left.
fn cut_everywhere(policy: Policy) {
    let measured = FaultyDisk::new(0);
    let mut server = Server::start(&measured, orders(policy)).expect("nothing fails");
    work(&mut server, 0);
    for operation in 1..=measured.operations() + 1 {
        let disk = FaultyDisk::new(operation);
        disk.break_at(operation, Fault::PowerCut);
        let ran = match Server::start(&disk, orders(policy)) {
            Ok(mut server) => work(&mut server, 0),
            Err(_) => Ran { units: Vec::new(), safe: 0 },
        };
        for outcome in 0..2 {
            let after = disk.after_cut();
            let result = ran.check(&after, &[]);
            let result = result.and_then(|()| if outcome == 0 { go_on(&after, policy) } else { Ok(()) });
            result.unwrap_or_else(|text| panic!("{policy:?}, cut at {operation}, outcome {outcome}: {text}"));
        }
    }
}

/// A disk with what a cut has left serves on.
fn go_on(disk: &FaultyDisk, policy: Policy) -> Result<(), String> {
    let before = units(disk)?;
    let mut server = Server::start(disk, orders(policy)).map_err(|error| error.to_string())?;
    let ran = work(&mut server, 100);
    ran.check(&disk.after_cut(), &before)?;
    server.settle();
    let all = Ran { safe: server.journal.end(), ..ran };
    let after = if policy == Policy::Never { disk.after_kill() } else { disk.after_cut() };
    all.check(&after, &before)
}

#[test]
fn always_loses_nothing_that_was_told_at_any_cut() {
    cut_everywhere(Policy::Always);
}

#[test]
fn everysec_loses_nothing_that_was_forced_to_the_disk_at_any_cut() {
    cut_everywhere(Policy::EverySecond);
}

#[test]
fn no_leaves_a_beginning_at_any_cut() {
    cut_everywhere(Policy::Never);
}

/// Lets each operation fail once, in each way; afterwards everything works again.
fn fail_everywhere(policy: Policy) {
    let measured = FaultyDisk::new(0);
    let mut server = Server::start(&measured, orders(policy)).expect("nothing fails");
    let begins = measured.operations();
    work(&mut server, 0);
    let ways = [Fault::Fails, Fault::Tears, Fault::Full { operations: 9 }];
    for (operation, way) in (begins..=measured.operations()).flat_map(|at| ways.map(|way| (at + 1, way))) {
        let disk = FaultyDisk::new(operation);
        disk.break_at(operation, way);
        let context = |text| panic!("{policy:?}, {way:?} at {operation}: {text}");
        let mut server = Server::start(&disk, orders(policy)).expect("nothing fails yet");
        let ran = work(&mut server, 0);
        // What the system may write when it likes isn't kept in memory to be written again.
        if policy != Policy::Never {
            ran.check(&disk.after_cut(), &[]).unwrap_or_else(context);
        }
        ran.check(&disk.after_kill(), &[]).unwrap_or_else(context);
        server.settle();
        let safe = server.journal.end();
        assert!(
            policy == Policy::Never || server.writer.durable() == safe,
            "{policy:?}, {way:?} at {operation}"
        );
        let all = Ran { safe, ..ran };
        all.check(&disk.after_kill(), &[]).unwrap_or_else(context);
        let now_ns = server.now_ns;
        let mut finish = || server.writer.finish(server.orders, &|| now_ns, &mut server.background);
        finish().or_else(|_| finish()).expect("the disk works again");
        if policy != Policy::Never {
            all.check(&disk.after_cut(), &[]).unwrap_or_else(context);
        }
    }
}

#[test]
fn always_survives_each_failure() {
    fail_everywhere(Policy::Always);
}

#[test]
fn everysec_survives_each_failure() {
    fail_everywhere(Policy::EverySecond);
}

#[test]
fn no_survives_each_failure() {
    fail_everywhere(Policy::Never);
}

#[test]
fn files_may_follow_one_another_with_nothing_between() {
    for policy in [Policy::Always, Policy::EverySecond, Policy::Never] {
        let disk = FaultyDisk::new(1);
        let mut server = Server::start(&disk, orders(policy)).expect("nothing fails");
        for number in 0..3 {
            server.journal.begin_file();
            server.turn();
            server.journal.begin_file();
            server.journal.begin_file();
            server.unit(number, 1, 10);
            server.turn();
        }
        assert_eq!(units(&disk), Ok(vec![0, 1, 2]), "{policy:?}");
        assert_eq!(server.writer.log().manifest().incremental.len(), 10);
    }
}

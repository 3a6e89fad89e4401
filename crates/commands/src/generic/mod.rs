//! Commands about keys, whatever they hold, and about whole databases.

mod copy;
mod del;
mod dump;
mod expire;
mod flush;
mod keys;
mod object;
mod query;
mod rename;
mod scan;
mod sort;
#[cfg(test)]
mod tests;
mod ttl;

use command::{Args, Command, Cx, Error, Handler, Result};
use keyspace::DbIndex;

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    copy::COPY,
    keys::DBSIZE,
    del::DEL,
    dump::DUMP,
    query::EXISTS,
    expire::EXPIRE,
    expire::EXPIREAT,
    ttl::EXPIRETIME,
    flush::FLUSHALL,
    flush::FLUSHDB,
    keys::KEYS,
    copy::MOVE,
    object::OBJECT,
    ttl::PERSIST,
    expire::PEXPIRE,
    expire::PEXPIREAT,
    ttl::PEXPIRETIME,
    ttl::PTTL,
    keys::RANDOMKEY,
    rename::RENAME,
    rename::RENAMENX,
    dump::RESTORE,
    dump::RESTORE_ASKING,
    scan::SCAN,
    sort::SORT,
    sort::SORT_RO,
    flush::SWAPDB,
    query::TOUCH,
    ttl::TTL,
    query::TYPE,
    del::UNLINK,
];

/// Reads the number of a database.
fn db_index(cx: &Cx<'_>, args: &mut Args<'_>) -> Result<DbIndex> {
    let number = args.int_in(i64::from(i32::MIN)..=i64::from(i32::MAX), Error::NOT_32_BITS)?;
    checked_db(cx, number)
}

/// The database of this number, if the configuration has it.
fn checked_db(cx: &Cx<'_>, number: i64) -> Result<DbIndex> {
    let index = DbIndex::try_from(number).ok().filter(|index| *index < cx.limits.databases);
    index.ok_or(Error::DB_OUT_OF_RANGE)
}

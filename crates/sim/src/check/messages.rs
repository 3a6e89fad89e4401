//! Whoever has subscribed gets each message once, those of one publisher in their order; and only those who have.
//!
//! What a client surely had subscribed to, and what it possibly had, follows from the moments at which it asked and was
//! answered. A message whose publisher was answered while a subscription surely was there must have come; one whose
//! publisher was answered before anybody asked for the subscription must not. Of a connection that was closed it isn't
//! known what was still on its way, but what came has no gaps. Keyspace events are looked at elsewhere.

use super::events::CHANNEL;
use crate::history::Operation;
use crate::inbox::{Heard, Kind, Notice, Topic};
use crate::run::Ended;
use base::glob::{self, Case};
use resp::reply::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let published = Published::of(&ended.operations);
    let mut subscriptions = Vec::new();
    for (client, inbox) in &ended.inboxes {
        let heard = inbox.heard();
        let found = subscriptions_of(heard).and_then(|found| {
            in_order(heard, &published)?;
            found.iter().try_for_each(|subscription| subscription.check(&published))?;
            Ok(found)
        });
        subscriptions.extend(found.map_err(|text| format!("client {client}: {text}"))?);
    }
    published.0.iter().try_for_each(|message| message.check_count(&subscriptions))
}

/// A message that was published.
struct Message<'e> {
    operation: &'e Operation,
    shard: bool,
    channel: &'e [u8],
    text: &'e [u8],
}

impl Message<'_> {
    /// Whether it goes to those who have subscribed to this.
    fn is_for(&self, topic: &Topic) -> bool {
        match topic.kind {
            Kind::Channel => !self.shard && self.channel == topic.name,
            Kind::Pattern => !self.shard && glob::matches(&topic.name, self.channel, Case::Sensitive),
            Kind::ShardChannel => self.shard && self.channel == topic.name,
        }
    }

    /// PUBLISH has answered as many as there can have been.
    fn check_count(&self, subscriptions: &[Subscription<'_>]) -> Result<(), String> {
        let Operation { sent, replied, reply, .. } = self.operation;
        let (mut sure, mut possible) = (0, 0);
        for subscription in subscriptions.iter().filter(|subscription| self.is_for(subscription.topic)) {
            sure += i64::from(subscription.began < *sent && *replied < subscription.leaving);
            possible += i64::from(subscription.asked < *replied && *sent < subscription.left);
        }
        match reply {
            Value::Int(count) if (sure..=possible).contains(count) => Ok(()),
            _ => Err(format!("of {sure} to {possible} subscribers: {}", self.operation.describe())),
        }
    }
}

/// All messages; those of one connection in their order.
struct Published<'e>(Vec<Message<'e>>, HashMap<&'e [u8], usize>);

impl<'e> Published<'e> {
    fn of(operations: &'e [Operation]) -> Self {
        let messages =
            operations.iter().filter_map(|operation| match (&operation.words[..], &operation.reply) {
                ([name, channel, text], Value::Int(_)) if name == b"PUBLISH" || name == b"SPUBLISH" => {
                    Some(Message { operation, shard: name == b"SPUBLISH", channel, text })
                }
                _ => None,
            });
        let messages: Vec<_> = messages.collect();
        // Each text was published once.
        let places = messages.iter().enumerate().map(|(at, message)| (message.text, at)).collect();
        Published(messages, places)
    }

    /// The place of what a client has got, if it was published.
    fn place(&self, text: &[u8]) -> Result<usize, String> {
        let place = self.1.get(text).copied();
        place.ok_or_else(|| format!("nobody has published {}", text.escape_ascii()))
    }
}

/// A client's subscription.
pub(super) struct Subscription<'e> {
    pub(super) topic: &'e Topic,
    /// It surely wasn't there before this, and surely was after.
    asked: u64,
    began: u64,
    /// It surely was there before this, and surely wasn't after.
    leaving: u64,
    pub(super) left: u64,
    /// It ended with its connection.
    closed: bool,
    pub(super) texts: Vec<&'e [u8]>,
}

/// A client's subscriptions, with what came because of them.
pub(super) fn subscriptions_of(heard: &[Heard]) -> Result<Vec<Subscription<'_>>, String> {
    let (mut present, mut past) = (BTreeMap::<&Topic, Subscription<'_>>::new(), Vec::new());
    for Heard { asked, stamp, notice, .. } in heard {
        let ends =
            |subscription, closed| Subscription { leaving: *asked, left: *stamp, closed, ..subscription };
        match notice {
            Notice::Began(topic) => {
                let (asked, began) = (*asked, *stamp);
                let (leaving, left, closed, texts) = (u64::MAX, u64::MAX, false, Vec::new());
                let new = Subscription { topic, asked, began, leaving, left, closed, texts };
                present.entry(topic).or_insert(new);
            }
            Notice::Ended(topic) => past.extend(present.remove(topic).map(|one| ends(one, false))),
            Notice::NothingToEnd => {}
            Notice::Closed => {
                past.extend(std::mem::take(&mut present).into_values().map(|one| ends(one, true)))
            }
            Notice::Message { topic, text, .. } => match present.get_mut(topic) {
                Some(subscription) => subscription.texts.push(text),
                None => return Err(format!("got {} without a subscription: {topic:?}", text.escape_ascii())),
            },
        }
    }
    past.extend(present.into_values());
    Ok(past)
}

impl Subscription<'_> {
    fn check(&self, published: &Published<'_>) -> Result<(), String> {
        if self.topic.name.starts_with(CHANNEL) {
            return Ok(());
        }
        let mut got = BTreeSet::new();
        // The last message of each publisher.
        let mut last = HashMap::new();
        for text in &self.texts {
            let place = published.place(text)?;
            let message = &published.0[place];
            if !message.is_for(self.topic) || message.operation.replied < self.asked || !got.insert(place) {
                let what = "got what it must not get, or not again";
                return Err(format!("{what}, as {:?}: {}", self.topic, message.operation.describe()));
            }
            last.insert(message.operation.connection, place);
        }
        for (place, message) in published.0.iter().enumerate().filter(|(_, one)| one.is_for(self.topic)) {
            let operation = message.operation;
            let must_have_come = match self.closed {
                true => last.get(&operation.connection).is_some_and(|last| *last > place),
                false => operation.replied < self.leaving,
            };
            if operation.sent > self.began && must_have_come && !got.contains(&place) {
                return Err(format!("didn't get, as {:?}: {}", self.topic, operation.describe()));
            }
        }
        Ok(())
    }
}

/// What came on each connection from each publisher came in the order in which it was published.
fn in_order(heard: &[Heard], published: &Published<'_>) -> Result<(), String> {
    let mut last = HashMap::new();
    for Heard { connection, notice, .. } in heard {
        let Notice::Message { text, channel, .. } = notice else { continue };
        if channel.starts_with(CHANNEL) {
            continue;
        }
        let place = published.place(text)?;
        let publisher = published.0[place].operation.connection;
        let before = last.insert((connection, publisher), place).unwrap_or(0);
        if before > place {
            let [first, second] = [place, before].map(|place| published.0[place].operation.describe());
            return Err(format!("got, the later one first:\n{first}\n{second}"));
        }
    }
    Ok(())
}

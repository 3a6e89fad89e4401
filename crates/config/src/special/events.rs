//! `notify-keyspace-events`: which changes of the data are published.

use crate::value::{Problem, Scalar};

/// A kind of event, or a channel on which events are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventClass {
    /// Commands of no particular type: DEL, EXPIRE, RENAME.
    Generic,
    /// String commands.
    String,
    /// List commands.
    List,
    /// Set commands.
    Set,
    /// Hash commands.
    Hash,
    /// Sorted set commands.
    SortedSet,
    /// A key has expired.
    Expired,
    /// A key was removed because memory was full.
    Evicted,
    /// Stream commands.
    Stream,
    /// Events of modules.
    Module,
    /// Array commands.
    Array,
    /// A key came into being.
    New,
    /// Events are published under the key's name.
    Keyspace,
    /// Events are published under the event's name.
    Keyevent,
    /// A key was looked for and not found.
    KeyMiss,
    /// A key's whole value was replaced.
    Overwritten,
    /// It was replaced by a value of another type.
    TypeChanged,
    /// Events of a key's fields are published under the key's name.
    Subkeyspace,
    /// They are published under the event's name.
    Subkeyevent,
    /// They are published under the names of key and field.
    SubkeyspaceItem,
    /// They are published under the names of event and key.
    SubkeyspaceEvent,
}

/// The letters of the classes in the order in which they are shown.
const LETTERS: [(EventClass, u8); 21] = [
    (EventClass::Generic, b'g'),
    (EventClass::String, b'$'),
    (EventClass::List, b'l'),
    (EventClass::Set, b's'),
    (EventClass::Hash, b'h'),
    (EventClass::SortedSet, b'z'),
    (EventClass::Expired, b'x'),
    (EventClass::Evicted, b'e'),
    (EventClass::Stream, b't'),
    (EventClass::Module, b'd'),
    (EventClass::Array, b'a'),
    (EventClass::New, b'n'),
    (EventClass::Keyspace, b'K'),
    (EventClass::Keyevent, b'E'),
    (EventClass::KeyMiss, b'm'),
    (EventClass::Overwritten, b'o'),
    (EventClass::TypeChanged, b'c'),
    (EventClass::Subkeyspace, b'S'),
    (EventClass::Subkeyevent, b'T'),
    (EventClass::SubkeyspaceItem, b'I'),
    (EventClass::SubkeyspaceEvent, b'V'),
];

/// A set of event classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct KeyspaceEvents(u32);

impl KeyspaceEvents {
    /// What the letter `A` stands for: every class from `Generic` to `Array`.
    const COMMON: Self = Self((1 << (EventClass::Array as u32 + 1)) - 1);

    /// Whether no class is in the set: nothing is published.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `class` is in the set.
    pub fn contains(self, class: EventClass) -> bool {
        self.0 & Self::only(class).0 != 0
    }

    /// Whether there are events to publish, and channels to publish them on.
    pub fn are_published(self) -> bool {
        const CHANNELS: u32 = KeyspaceEvents::only(EventClass::Keyspace).0
            | KeyspaceEvents::only(EventClass::Keyevent).0
            | KeyspaceEvents::SUBKEYS.0;
        self.0 & CHANNELS != 0 && self.0 & !CHANNELS != 0
    }

    /// Whether events of fields are published.
    pub fn name_subkeys(self) -> bool {
        self.0 & Self::SUBKEYS.0 != 0
    }

    /// The channels of fields.
    const SUBKEYS: Self = Self(
        Self::only(EventClass::Subkeyspace).0
            | Self::only(EventClass::Subkeyevent).0
            | Self::only(EventClass::SubkeyspaceItem).0
            | Self::only(EventClass::SubkeyspaceEvent).0,
    );

    const fn only(class: EventClass) -> Self {
        Self(1 << class as u32)
    }

    fn from_letter(letter: u8) -> Option<Self> {
        if letter == b'A' {
            return Some(Self::COMMON);
        }
        LETTERS.iter().find(|&&(_, known)| known == letter).map(|&(class, _)| Self::only(class))
    }
}

impl Scalar for KeyspaceEvents {
    type Rule = ();

    fn parse(word: &[u8], (): &()) -> Result<Self, Problem> {
        word.iter().try_fold(Self::default(), |set, &letter| match Self::from_letter(letter) {
            Some(added) => Ok(Self(set.0 | added.0)),
            None => Err("Invalid event class character. Use 'Ag$lshzxeKEtmdnocaSTIV'.".into()),
        })
    }

    fn show(&self, (): &()) -> Vec<u8> {
        let all_common = self.0 & Self::COMMON.0 == Self::COMMON.0;
        let rest = if all_common { Self(self.0 & !Self::COMMON.0) } else { *self };
        let letters = LETTERS.iter().filter(|(class, _)| rest.contains(*class)).map(|&(_, letter)| letter);
        all_common.then_some(b'A').into_iter().chain(letters).collect()
    }

    fn file_form(&self, (): &()) -> Option<Vec<u8>> {
        Some([b"\"", Scalar::show(self, &()).as_slice(), b"\""].concat())
    }

    fn allowed((): &()) -> String {
        "letters of Ag$lshzxeKEtmdnocaSTIV".into()
    }
}

//! The kinds of arguments that forms of commands name.

/// What an argument stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key of any type.
    Key,
    /// A key that mostly holds a string.
    Str,
    /// A key that mostly holds a list.
    List,
    /// A key that mostly holds a set.
    Set,
    /// A key that mostly holds a hash.
    Hash,
    /// A key that mostly holds a stream.
    Stream,
    /// A key that mostly holds a sorted set.
    Zset,
    /// A key that holds a sorted set whose members have one score.
    Lex,
    /// A string's value.
    Value,
    /// A list's element, from a small alphabet.
    Element,
    /// Elements enough to change a list's encoding.
    ManyElements,
    /// A set's member.
    SetMember,
    /// Members enough to change a set's encoding.
    ManySetMembers,
    /// A number above that of members of any set.
    Most,
    /// A field of a hash or stream entry.
    Field,
    /// A score.
    Score,
    /// The end of a range of scores.
    ScoreBound,
    /// A member of a sorted set.
    Member,
    /// The end of a range of members.
    MemberBound,
    /// Scores with members, enough to change a sorted set's encoding.
    ManyMembers,
    /// The same with the score 0.
    ManyTied,
    /// Fields with values, enough to change a hash's encoding.
    ManyFields,
    /// A key that holds something that SORT sorts.
    Sortable,
    /// A key that holds a list that SORT sorts.
    SortedList,
    /// A key that holds a set that SORT sorts.
    SortedSet,
    /// A key that holds a sorted set that SORT sorts.
    SortedZset,
    /// A number of so many digits that it changes the encoding of a sorted set: SORT does that too, elsewhere.
    LongNumber,
    /// An element that is sorted.
    SortedElement,
    /// A key that an element's weight is under.
    Weight,
    /// A key that a hash about an element is under.
    Object,
    /// A field of such a hash.
    SortField,
    /// A pattern of SORT.
    SortPattern,
    /// A pattern of SORT that says by which keys a set is sorted: without one its order is anybody's.
    SortPatternOfKeys,
    /// A key that mostly holds places.
    Geo,
    /// A place.
    Place,
    /// Degrees east.
    Lon,
    /// Degrees north.
    Lat,
    /// A radius, or the side of a box.
    Length,
    /// A unit of lengths.
    Unit,
    /// Degrees with places, enough to change a sorted set's encoding.
    ManyPlaces,
    /// How many vertices a polygon has, and these.
    Polygon,
    /// A signed integer.
    Int,
    /// A position that may count from the end.
    Index,
    /// A position in a string that keeps it short.
    Offset,
    /// How many elements of a range are left out. What a negative number does isn't told by Redis' documentation alone: it
    /// says that nothing is found, but of large sets the elements at the end are.
    OffsetInRange,
    /// A number of things.
    Count,
    /// A decimal number.
    Float,
    /// A time to live in seconds: far away, past or wrong, never close.
    Secs,
    /// The same in milliseconds.
    Millis,
    /// A point in time in seconds.
    AtSecs,
    /// A point in time in milliseconds.
    AtMillis,
    /// A database number.
    Db,
    /// A glob pattern.
    Pattern,
    /// The name of a type.
    Type,
    /// LEFT or RIGHT.
    Side,
    /// The id of a new stream entry.
    NewId,
    /// The id of a stream entry.
    Id,
    /// The end of a range of ids.
    RangeId,
    /// Where a group starts.
    GroupId,
    /// A consumer group.
    Group,
    /// A consumer.
    Consumer,
    /// An idle time in milliseconds: nothing or very much, so that the run's own time has no say.
    Idle,
    /// A delivery time in milliseconds.
    Time,
    /// A timeout in seconds: for ever, or wrong.
    Timeout,
    /// A timeout in milliseconds: for ever, or wrong.
    Block,
    /// A number and as many lists.
    CountedLists,
    /// A number and as many sorted sets.
    CountedZsets,
    /// The same, perhaps with weights.
    WeightedZsets,
    /// A number and as many pairs of key and value.
    CountedPairs,
    /// A number and as many sets.
    CountedSets,
    /// A number and as many fields of a hash.
    CountedFields,
    /// A number and as many fields with values.
    CountedFieldValues,
    /// A key that mostly holds a HyperLogLog.
    Sketch,
    /// Numbers enough to make a HyperLogLog dense in a few commands.
    ManyNumbers,
    /// An operation of BITFIELD.
    Bitfield,
    /// One that only reads.
    BitfieldGet,
    /// The number of a bit near the beginning of a string.
    BitOffset,
    /// 0 or 1.
    Bit,
    /// Milliseconds that are over soon: the sequence waits behind such a command.
    Soon,
    /// A point in time in milliseconds that is over.
    Past,
    /// What DUMP gives, or something like it.
    Payload,
    /// A channel to publish to.
    Channel,
    /// A pattern of channels.
    ChannelPattern,
    /// The name of a client.
    Name,
    /// A setting, or a pattern of settings.
    Setting,
    /// The words of some command.
    Command,
    /// The name of a command.
    CommandName,
    /// Streams, then an id for each.
    StreamsIds,
    /// Streams, then what a group reads from each.
    StreamsGroupIds,
    /// Streams, then where to wait in each.
    StreamsTails,
}

pub(crate) const NAMES: &[(&str, Kind)] = &[
    ("key", Kind::Key),
    ("string", Kind::Str),
    ("list", Kind::List),
    ("set", Kind::Set),
    ("hash", Kind::Hash),
    ("stream", Kind::Stream),
    ("zset", Kind::Zset),
    ("lex", Kind::Lex),
    ("value", Kind::Value),
    ("element", Kind::Element),
    ("many-elements", Kind::ManyElements),
    ("set-member", Kind::SetMember),
    ("many-set-members", Kind::ManySetMembers),
    ("most", Kind::Most),
    ("field", Kind::Field),
    ("score", Kind::Score),
    ("score-bound", Kind::ScoreBound),
    ("member", Kind::Member),
    ("member-bound", Kind::MemberBound),
    ("many-members", Kind::ManyMembers),
    ("many-tied", Kind::ManyTied),
    ("many-fields", Kind::ManyFields),
    ("sortable", Kind::Sortable),
    ("sorted-list", Kind::SortedList),
    ("sorted-set", Kind::SortedSet),
    ("sorted-zset", Kind::SortedZset),
    ("long-number", Kind::LongNumber),
    ("sorted-element", Kind::SortedElement),
    ("weight", Kind::Weight),
    ("object", Kind::Object),
    ("sort-field", Kind::SortField),
    ("sort-pattern", Kind::SortPattern),
    ("sort-pattern-of-keys", Kind::SortPatternOfKeys),
    ("geo", Kind::Geo),
    ("place", Kind::Place),
    ("lon", Kind::Lon),
    ("lat", Kind::Lat),
    ("length", Kind::Length),
    ("unit", Kind::Unit),
    ("many-places", Kind::ManyPlaces),
    ("polygon", Kind::Polygon),
    ("int", Kind::Int),
    ("index", Kind::Index),
    ("offset", Kind::Offset),
    ("offset-in-range", Kind::OffsetInRange),
    ("count", Kind::Count),
    ("float", Kind::Float),
    ("secs", Kind::Secs),
    ("millis", Kind::Millis),
    ("at-secs", Kind::AtSecs),
    ("at-millis", Kind::AtMillis),
    ("db", Kind::Db),
    ("pattern", Kind::Pattern),
    ("type", Kind::Type),
    ("side", Kind::Side),
    ("new-id", Kind::NewId),
    ("id", Kind::Id),
    ("range-id", Kind::RangeId),
    ("group-id", Kind::GroupId),
    ("group", Kind::Group),
    ("consumer", Kind::Consumer),
    ("idle", Kind::Idle),
    ("time", Kind::Time),
    ("timeout", Kind::Timeout),
    ("block", Kind::Block),
    ("counted-lists", Kind::CountedLists),
    ("counted-zsets", Kind::CountedZsets),
    ("weighted-zsets", Kind::WeightedZsets),
    ("counted-pairs", Kind::CountedPairs),
    ("counted-sets", Kind::CountedSets),
    ("counted-fields", Kind::CountedFields),
    ("counted-field-values", Kind::CountedFieldValues),
    ("sketch", Kind::Sketch),
    ("many-numbers", Kind::ManyNumbers),
    ("bitfield", Kind::Bitfield),
    ("bitfield-get", Kind::BitfieldGet),
    ("bit-offset", Kind::BitOffset),
    ("bit", Kind::Bit),
    ("soon", Kind::Soon),
    ("past", Kind::Past),
    ("payload", Kind::Payload),
    ("channel", Kind::Channel),
    ("channel-pattern", Kind::ChannelPattern),
    ("name", Kind::Name),
    ("setting", Kind::Setting),
    ("command", Kind::Command),
    ("command-name", Kind::CommandName),
    ("streams-ids", Kind::StreamsIds),
    ("streams-group-ids", Kind::StreamsGroupIds),
    ("streams-tails", Kind::StreamsTails),
];

impl Kind {
    /// The kind with this name in the notation of forms.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|&(_, kind)| kind)
    }
}

//! Settings with a closed set of values.

use crate::value::{Problem, Scalar};

/// Declares enums with the texts of their variants, in the order in which an error lists them.
macro_rules! choices {
    ($( $(#[$doc:meta])+ $name:ident { $( $variant:ident = $text:literal ),+ $(,)? } )+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( #[doc = concat!("`", $text, "`")] $variant, )+
        }

        impl $name {
            const ALL: &[(&str, Self)] = &[$( ($text, Self::$variant) ),+];

            /// The text of this value in a configuration file.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }
        }

        impl Scalar for $name {
            type Rule = ();

            fn parse(word: &[u8], (): &()) -> Result<Self, Problem> {
                match Self::ALL.iter().find(|(text, _)| word.eq_ignore_ascii_case(text.as_bytes())) {
                    Some(&(_, value)) => Ok(value),
                    None => Err(one_of(Self::ALL.iter().map(|(text, _)| *text))),
                }
            }

            fn show(&self, (): &()) -> Vec<u8> {
                self.name().as_bytes().to_vec()
            }

            fn allowed((): &()) -> String {
                Self::ALL.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(", ")
            }
        }
    )+};
}

/// What Redis says about a value that isn't in the set.
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Problem {
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    format!("argument(s) must be one of the following: {names}").into()
}

choices! {
    /// The channels a new user may use.
    AclPubsubDefault { AllChannels = "allchannels", ResetChannels = "resetchannels" }

    /// When the append-only file is forced to disk.
    Appendfsync { Everysec = "everysec", Always = "always", No = "no" }

    /// What a changed cluster configuration waits for.
    ClusterConfigSaveBehavior { Sync = "sync", BestEffort = "best-effort" }

    /// How nodes tell clients their address.
    EndpointType { Ip = "ip", Hostname = "hostname", Unknown = "unknown-endpoint" }

    /// Who may use a dangerous command or setting.
    Permission { No = "no", Yes = "yes", Local = "local" }

    /// By which system calls connections are served.
    IoEngine { Auto = "auto", Epoll = "epoll", IoUring = "io-uring" }

    /// How a log line is laid out.
    LogFormat { Legacy = "legacy", Logfmt = "logfmt", Json = "json" }

    /// How a log line tells the time.
    LogTimestampFormat { Legacy = "legacy", Iso8601 = "iso8601", Milliseconds = "milliseconds" }

    /// The least important messages that are logged.
    LogLevel { Debug = "debug", Verbose = "verbose", Notice = "notice", Warning = "warning", Nothing = "nothing" }

    /// Which keys are removed when memory is full.
    MaxmemoryPolicy {
        VolatileLru = "volatile-lru",
        VolatileLfu = "volatile-lfu",
        VolatileRandom = "volatile-random",
        VolatileTtl = "volatile-ttl",
        AllkeysLru = "allkeys-lru",
        AllkeysLfu = "allkeys-lfu",
        AllkeysRandom = "allkeys-random",
        Noeviction = "noeviction",
    }

    /// Whether the chance of being killed when the machine is out of memory is adjusted.
    OomScoreAdj { No = "no", Yes = "yes", Relative = "relative", Absolute = "absolute" }

    /// What a replica does when a replicated command fails.
    PropagationErrorBehavior { Ignore = "ignore", Panic = "panic", PanicOnReplicas = "panic-on-replicas" }

    /// The oldest server that is to read snapshots and DUMP payloads.
    RdbVersionCompat {
        Redis6 = "redis-6",
        Redis70 = "redis-7.0",
        Redis72 = "redis-7.2",
        Redis74 = "redis-7.4",
        Redis86 = "redis-8.6",
        Redis88 = "redis-8.8",
        Valkey9 = "valkey-9",
    }

    /// Whether snapshots of another version are loaded.
    RdbVersionCheck { Strict = "strict", Relaxed = "relaxed" }

    /// How a replica takes the snapshot that it receives.
    ReplDisklessLoad {
        Disabled = "disabled",
        OnEmptyDb = "on-empty-db",
        Swapdb = "swapdb",
        FlushBeforeLoad = "flush-before-load",
    }

    /// Whether dumps are checked in depth before they are used.
    SanitizeDumpPayload { No = "no", Yes = "yes", Clients = "clients" }

    /// Who starts the server and waits for its word that it is ready.
    Supervised { Upstart = "upstart", Systemd = "systemd", Auto = "auto", No = "no" }

    /// The kind of program that log lines are sent to syslog as.
    SyslogFacility {
        User = "user",
        Local0 = "local0",
        Local1 = "local1",
        Local2 = "local2",
        Local3 = "local3",
        Local4 = "local4",
        Local5 = "local5",
        Local6 = "local6",
        Local7 = "local7",
    }

    /// Whether clients must show a certificate.
    TlsAuthClients { No = "no", Yes = "yes", Optional = "optional" }

    /// Which field of a client's certificate names its user.
    TlsAuthClientsUser { CommonName = "CN", Uri = "URI", Off = "off" }
}

impl RdbVersionCompat {
    /// The version of the RDB format that the server reads.
    pub const fn rdb_version(self) -> u16 {
        match self {
            RdbVersionCompat::Redis6 => 9,
            RdbVersionCompat::Redis70 => 10,
            RdbVersionCompat::Redis72 => 11,
            RdbVersionCompat::Redis74 => 12,
            RdbVersionCompat::Redis86 => 13,
            RdbVersionCompat::Redis88 => 14,
            RdbVersionCompat::Valkey9 => 80,
        }
    }
}

//! The table of tracked keys against maps of the standard library.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Act {
    Add(u8, usize),
    Take(u8),
    TakeAt(usize),
    End(usize),
    Forget,
    Clear,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        20 => (any::<u8>(), 0..5_usize).prop_map(|(key, client)| Act::Add(key, client)),
        10 => any::<u8>().prop_map(Act::Take),
        4 => any::<usize>().prop_map(Act::TakeAt),
        1 => (0..5_usize).prop_map(Act::End),
        1 => Just(Act::Forget),
        1 => Just(Act::Clear),
    ]
}

/// Few hashes, so that many keys collide.
fn key(bytes: &[u8]) -> Key<'_> {
    Key { bytes, hash: u64::from(bytes[0] % 37) }
}

fn ids(trackers: &Trackers) -> Vec<u64> {
    trackers.iter().map(|tracker| tracker.client_id).collect()
}

proptest! {
    #[test]
    fn behaves_as_a_map(acts in proptest::collection::vec(act(), 0..300)) {
        let trackers: Vec<_> = (0..5).map(|id| Arc::new(Tracker::new(id, 0))).collect();
        trackers.iter().for_each(|tracker| tracker.set(Tracking::Keys, false, None));
        let (mut tracked, mut model) = (Tracked::default(), BTreeMap::<Vec<u8>, BTreeSet<u64>>::new());
        for act in acts {
            match act {
                Act::Add(name, client) => {
                    let new = tracked.add(&key(&[name]), &trackers[client]);
                    prop_assert_eq!(new, !model.contains_key(&[name][..]));
                    model.entry(vec![name]).or_default().insert(client as u64);
                }
                Act::Take(name) => {
                    let taken = tracked.take(&key(&[name])).map(|trackers| ids(&trackers));
                    let expected = model.remove(&[name][..]).map(|ids| ids.into_iter().collect());
                    prop_assert_eq!(taken, expected);
                }
                Act::TakeAt(number) if !tracked.is_empty() => {
                    let (name, trackers) = tracked.take_at(number % tracked.len());
                    let expected: Vec<u64> = model.remove(&*name).expect("tracked").into_iter().collect();
                    prop_assert_eq!(ids(&trackers), expected);
                }
                Act::TakeAt(_) => {}
                Act::End(client) => trackers[client].set(Tracking::Off, false, None),
                Act::Forget => {
                    let before = model.len();
                    model.values_mut().for_each(|ids| {
                        ids.retain(|id| trackers[*id as usize].tracking() == Tracking::Keys);
                    });
                    model.retain(|_, ids| !ids.is_empty());
                    prop_assert_eq!(tracked.forget_ended(), before - model.len());
                }
                Act::Clear => prop_assert_eq!(tracked.clear(), std::mem::take(&mut model).len()),
            }
            prop_assert_eq!(tracked.len(), model.len());
            prop_assert_eq!(tracked.items(), model.values().map(BTreeSet::len).sum::<usize>());
            for tracker in &trackers {
                let referring = model.values().filter(|ids| ids.contains(&tracker.client_id)).count();
                prop_assert_eq!(tracker.items(), referring);
            }
        }
        model.keys().for_each(|name| assert!(tracked.take(&key(name)).is_some()));
        prop_assert_eq!(tracked.bytes(), 0);
    }
}

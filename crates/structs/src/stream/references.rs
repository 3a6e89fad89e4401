//! Deleting and trimming with regard to the groups that still have entries pending.

use super::{Name, Stream, StreamId, Trim};

/// What happens to the pending entries of groups when the entry itself is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// They stay, pointing to nothing.
    #[default]
    Keep,
    /// They are removed too.
    Delete,
    /// Only entries that every group has read and acknowledged are deleted.
    OnlyAcknowledged,
}

/// What became of an entry that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// There is no such entry.
    Missing,
    /// It is deleted.
    Deleted,
    /// A group still needs it.
    Referenced,
}

impl Stream {
    /// Whether any group has yet to read or to acknowledge the entry `id`. O(groups * log n).
    pub fn is_referenced(&self, id: StreamId) -> bool {
        self.groups().any(|(_, group)| group.last_id < id || group.pending(id).is_some())
    }

    /// Removes `id` from the pending entries of all groups. Returns from how many. O(groups * log n).
    pub fn drop_references(&mut self, id: StreamId) -> usize {
        let holders = self.groups.iter().filter(|(_, group)| group.pending(id).is_some());
        let names: Vec<Name> = holders.map(|(name, _)| name.clone()).collect();
        for name in &names {
            self.group_mut(name).and_then(|group| group.acknowledge(id));
        }
        names.len()
    }

    /// Deletes an entry. With [`References::Delete`], dangling references to a missing entry go as well.
    pub fn delete(&mut self, id: StreamId, references: References) -> Deletion {
        if references == References::OnlyAcknowledged && self.log.get(id).is_some() && self.is_referenced(id)
        {
            return Deletion::Referenced;
        }
        if references == References::Delete {
            self.drop_references(id);
        }
        if !self.log.delete(id) {
            return Deletion::Missing;
        }
        self.max_deleted_id = self.max_deleted_id.max(id);
        Deletion::Deleted
    }

    /// Removes the oldest entries; see [`Log::trim`](super::Log::trim). Returns how many.
    ///
    /// With [`References::OnlyAcknowledged`], those of them that a group still needs stay. When references matter, every
    /// entry is looked at, so that an approximate trim is as good as an exact one: it removes parts of blocks too, and
    /// stops at its limit.
    pub fn trim(&mut self, trim: &Trim, references: References) -> u64 {
        if references == References::Keep || self.groups.is_empty() {
            return self.log.trim(trim);
        }
        let exact = Trim { approximate: false, limit: None, ..*trim };
        let Some(end) = self.log.trim_end(&exact) else { return 0 };
        let most = trim.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let oldest = self.log.range(StreamId::MIN, StreamId::MAX).map(|entry| entry.id);
        let surplus = oldest.take_while(|&id| id <= end);
        if references == References::OnlyAcknowledged {
            let ids: Vec<_> = surplus.filter(|&id| !self.is_referenced(id)).take(most).collect();
            let mut deleted = |&id: &StreamId| self.delete(id, References::Keep) == Deletion::Deleted;
            return ids.iter().filter(|&id| deleted(id)).count() as u64;
        }
        let ids: Vec<_> = surplus.take(most).collect();
        for &id in &ids {
            self.drop_references(id);
        }
        let Some(&last) = ids.last() else { return 0 };
        self.log.remove_up_to(last)
    }
}

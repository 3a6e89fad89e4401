//! Random arguments of sorted sets: scores, members, bounds of ranges, and sets to be combined.

use crate::values::Draw;

const ZSET_KEYS: &[&str] = &["z1", "z1", "z1", "z2", "z3"];
/// Keys whose members all have one score: what a range by members gives is told for no others.
const LEX_KEYS: &[&str] = &["y1", "y1", "y2"];

impl Draw<'_> {
    pub(crate) fn zset_key(&mut self) -> Vec<u8> {
        self.key(ZSET_KEYS)
    }

    pub(crate) fn lex_key(&mut self) -> Vec<u8> {
        self.text(LEX_KEYS)
    }

    /// A score, mostly one that other members have too.
    pub(crate) fn score(&mut self) -> Vec<u8> {
        if self.one_in(4) { self.float() } else { self.integer(-5, 9, 60) }
    }

    /// The end of a range of scores.
    pub(crate) fn score_bound(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => b"-inf".to_vec(),
            1 => b"+inf".to_vec(),
            2..=3 => [b"(".as_slice(), &self.score()].concat(),
            _ => self.score(),
        }
    }

    pub(crate) fn member(&mut self) -> Vec<u8> {
        match self.below(30) {
            0..=3 => self.integer(-3, 30, 8),
            4 => self.filler(60, 70),
            5 => Vec::new(),
            6 => vec![0, 255, b'\r', b'\n'],
            _ => self.text(&["a", "b", "c", "d", "e", "aa", "ab", "B", "zz", "member"]),
        }
    }

    /// The end of a range of members.
    pub(crate) fn member_bound(&mut self) -> Vec<u8> {
        match self.below(10) {
            0..=1 => b"-".to_vec(),
            2..=3 => b"+".to_vec(),
            4 => self.text(&["", "a", "++", "-a", "(", "[", "[[", "((a"]),
            5..=6 => [b"(".as_slice(), &self.member()].concat(),
            _ => [b"[".as_slice(), &self.member()].concat(),
        }
    }

    /// Scores and members enough to change a set's encoding; all of one score if that is given.
    pub(crate) fn many_members(&mut self, score: Option<&[u8]>, args: &mut Vec<Vec<u8>>) {
        for _ in 0..20 + self.below(200) {
            let score = score.map_or_else(|| self.integer(-50, 50, u64::MAX), <[u8]>::to_vec);
            let member = self.below(400);
            args.extend([score, member.to_string().into_bytes()]);
        }
    }

    /// How many sets, the sets, and perhaps a weight for each.
    pub(crate) fn weighted_sets(&mut self, args: &mut Vec<Vec<u8>>) {
        let before = args.len();
        self.counted(args, |draw| vec![draw.zset_key()]);
        if self.one_in(3) {
            args.push(b"WEIGHTS".to_vec());
            let lie = usize::from(self.one_in(15));
            for _ in before + 2 + lie..args.len() {
                let weight = self.score();
                args.push(weight);
            }
        }
    }
}

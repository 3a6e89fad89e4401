//! The patterns of SORT: from an element to a key, perhaps a field, and to what they hold.

use command::Cx;

/// A pattern.
///
/// ```text
///  weight_*      the string under the key
///  object_*->f   the field of the hash under the key
///  #             the element itself
///  anything      nothing
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pattern<'a> {
    Element,
    Nothing,
    /// The key is `before`, the element, `behind`.
    Key {
        before: &'a [u8],
        behind: &'a [u8],
        field: Option<&'a [u8]>,
    },
}

impl<'a> Pattern<'a> {
    pub(super) fn new(text: &'a [u8]) -> Pattern<'a> {
        if text == b"#" {
            return Pattern::Element;
        }
        let Some(star) = text.iter().position(|&byte| byte == b'*') else { return Pattern::Nothing };
        let (before, behind) = (&text[..star], &text[star + 1..]);
        match behind.windows(2).position(|pair| pair == b"->").filter(|at| at + 2 < behind.len()) {
            Some(arrow) => {
                Pattern::Key { before, behind: &behind[..arrow], field: Some(&behind[arrow + 2..]) }
            }
            None => Pattern::Key { before, behind, field: None },
        }
    }

    /// Whether other keys are read.
    pub(super) fn names_keys(&self) -> bool {
        matches!(self, Pattern::Key { .. })
    }

    /// Asks the processor to load what the pattern will look up for some dozens of elements.
    pub(super) fn prefetch(&self, cx: &Cx<'_>, elements: &[Vec<u8>]) {
        if let Pattern::Key { before, behind, .. } = *self {
            let keys: Vec<Vec<u8>> =
                elements.iter().map(|element| [before, element, behind].concat()).collect();
            cx.prefetch(keys.iter().map(Vec::as_slice));
        }
    }

    /// Hands what the pattern gives for an element to `take`; none if there is no such key or field, or the key holds
    /// something else.
    pub(super) fn look_up<R>(
        &self,
        cx: &mut Cx<'_>,
        element: &[u8],
        take: impl FnOnce(Option<&[u8]>) -> R,
    ) -> R {
        let (before, behind, field) = match *self {
            Pattern::Element => return take(Some(element)),
            Pattern::Nothing => return take(None),
            Pattern::Key { before, behind, field } => (before, behind, field),
        };
        let (key, from_ms) = ([before, element, behind].concat(), cx.alive_from_ms());
        let item = cx.read(&key);
        match field {
            None => match item.and_then(|item| item.string()) {
                Some(text) => text.with_text(|text| take(Some(text))),
                None => take(None),
            },
            Some(field) => {
                let hash = item.and_then(|item| item.fields());
                match hash.and_then(|hash| hash.alive_at(from_ms).find(field)) {
                    Some(found) => found.value.with_text(|text| take(Some(text))),
                    None => take(None),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_apart() {
        let key = |before, behind, field| Pattern::Key { before, behind, field };
        let cases: [(&[u8], Pattern<'_>); 8] = [
            (b"#", Pattern::Element),
            (b"##", Pattern::Nothing),
            (b"a->f", Pattern::Nothing),
            (b"w_*", key(b"w_", b"", None)),
            (b"a*b*->f*", key(b"a", b"b*", Some(b"f*"))),
            (b"*->", key(b"", b"->", None)),
            (b"->*->->", key(b"->", b"", Some(b"->"))),
            (b"*-", key(b"", b"-", None)),
        ];
        for (text, pattern) in cases {
            assert_eq!(Pattern::new(text), pattern, "{}", String::from_utf8_lossy(text));
        }
    }
}

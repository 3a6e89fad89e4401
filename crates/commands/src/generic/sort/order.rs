//! The order that SORT brings elements into.

use super::elements::Source;
use super::options::{Comparison, Options};
use super::pattern::Pattern;
use command::{Cx, Error, Result};
use std::cmp::Ordering;
use std::ops::Range;

/// Elements whose keys are loaded together.
const LOADED_AHEAD: usize = 32;

/// A weight that isn't a number.
const NO_NUMBER: Error = Error::new("ERR One or more scores can't be converted into double");

/// What is wanted of the elements of a key, in the order that is wanted.
pub(super) fn arranged(cx: &mut Cx<'_>, key: &[u8], options: &Options<'_>) -> Result<Vec<Vec<u8>>> {
    let source = Source::open(cx, key)?;
    let span = options.span(source.len());
    // A set comes in an order that is another one elsewhere: what is stored must not depend on it.
    let accidental = matches!(source, Source::Set(_)) && options.store.is_some();
    if options.unsorted && !accidental {
        return Ok(if options.descending { source.part_back(span) } else { source.part(span) });
    }
    let elements = source.all();
    let texts = options.unsorted || options.comparison == Comparison::Texts;
    match options.by.filter(|_| !options.unsorted) {
        Some(by) if texts => Ok(by_texts(cx, elements, &by, options, span)),
        None if texts => Ok(chosen(elements, options, span, Vec::cmp)),
        by => by_numbers(cx, elements, by.as_ref(), options, span),
    }
}

/// The items with the places `span` of an order. O(items + n log n), n being the length of the span.
fn chosen<T>(
    mut items: Vec<T>,
    options: &Options<'_>,
    span: Range<usize>,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let directed = |one: &T, other: &T| {
        let order = compare(one, other);
        if options.descending { order.reverse() } else { order }
    };
    if span.is_empty() {
        return Vec::new();
    }
    if span.end < items.len() {
        items.select_nth_unstable_by(span.end, directed);
        items.truncate(span.end);
    }
    if span.start > 0 {
        items.select_nth_unstable_by(span.start, directed);
        items.drain(..span.start);
    }
    items.sort_unstable_by(directed);
    items
}

/// Equal weights leave the elements in the order in which they were.
fn by_texts(
    cx: &mut Cx<'_>,
    elements: Vec<Vec<u8>>,
    by: &Pattern<'_>,
    options: &Options<'_>,
    span: Range<usize>,
) -> Vec<Vec<u8>> {
    let mut weights: Vec<Option<Vec<u8>>> = Vec::with_capacity(elements.len());
    look_up_all(cx, &elements, by, |value| {
        weights.push(value.map(<[u8]>::to_vec));
        true
    });
    let weighted = weights.into_iter().zip(0..).zip(elements).collect();
    let place = |place: usize| if options.descending { usize::MAX - place } else { place };
    let chosen = chosen(weighted, options, span, |((one, at), _), ((other, other_at), _)| {
        one.cmp(other).then_with(|| place(*at).cmp(&place(*other_at)))
    });
    chosen.into_iter().map(|(_, element)| element).collect()
}

/// Elements without a weight have 0. Equal weights leave it to the texts, so that the order doesn't depend on where
/// elements stood.
fn by_numbers(
    cx: &mut Cx<'_>,
    elements: Vec<Vec<u8>>,
    by: Option<&Pattern<'_>>,
    options: &Options<'_>,
    span: Range<usize>,
) -> Result<Vec<Vec<u8>>> {
    let mut weights: Vec<f64> = Vec::with_capacity(elements.len());
    let mut note = |weight: Option<f64>| weight.map(|weight| weights.push(weight)).is_some();
    let all_are_numbers = match by {
        None => elements.iter().all(|element| note(number(element))),
        Some(by) => look_up_all(cx, &elements, by, |value| note(value.map_or(Some(0.0), number))),
    };
    if !all_are_numbers {
        return Err(NO_NUMBER);
    }
    let weighted = weights.into_iter().zip(elements).collect();
    let chosen = chosen(weighted, options, span, |(one, text), (other, other_text)| {
        one.partial_cmp(other).unwrap_or(Ordering::Equal).then_with(|| text.cmp(other_text))
    });
    Ok(chosen.into_iter().map(|(_, element)| element).collect())
}

/// Hands what a pattern gives for each element to `take`, until that answers false; answers whether it never did.
fn look_up_all(
    cx: &mut Cx<'_>,
    elements: &[Vec<u8>],
    by: &Pattern<'_>,
    mut take: impl FnMut(Option<&[u8]>) -> bool,
) -> bool {
    elements.chunks(LOADED_AHEAD).all(|chunk| {
        by.prefetch(cx, chunk);
        chunk.iter().all(|element| by.look_up(cx, element, &mut take))
    })
}

/// The number that a text begins with and that fills it up to its end or to a zero byte. No text at all is 0.
fn number(text: &[u8]) -> Option<f64> {
    let text = text.split(|&byte| byte == 0).next().unwrap_or_default();
    if text.is_empty() {
        return Some(0.0);
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (!number.is_nan()).then_some(number)
}

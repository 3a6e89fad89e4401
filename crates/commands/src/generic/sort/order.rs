//! The order that SORT brings elements into.

use super::elements::Source;
use super::options::{Comparison, Options};
use command::{Cx, Error, Result};
use std::cmp::Ordering;

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
    let order = match options.comparison {
        Comparison::Numbers if !options.unsorted => by_numbers(cx, &elements, options)?,
        Comparison::Texts if !options.unsorted && options.by.is_some() => by_texts(cx, &elements, options),
        Comparison::Numbers | Comparison::Texts => Order::OwnTexts,
    };
    Ok(pick(elements, &order, options, span))
}

/// The elements with the places `span` of an order.
fn pick(
    mut elements: Vec<Vec<u8>>,
    order: &Order,
    options: &Options<'_>,
    span: std::ops::Range<usize>,
) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = (0..elements.len()).collect();
    places.sort_by(|one, other| {
        let order = order.compare(&elements, *one, *other);
        if options.descending { order.reverse() } else { order }
    });
    places[span].iter().map(|place| std::mem::take(&mut elements[*place])).collect()
}

/// What elements are compared by, each at its element's place.
enum Order {
    Numbers(Vec<f64>),
    Texts(Vec<Option<Vec<u8>>>),
    OwnTexts,
}

impl Order {
    fn compare(&self, elements: &[Vec<u8>], one: usize, other: usize) -> Ordering {
        match self {
            // Equal numbers leave it to the texts, so that the order doesn't depend on where elements stood.
            Order::Numbers(weights) => weights[one]
                .partial_cmp(&weights[other])
                .unwrap_or(Ordering::Equal)
                .then_with(|| elements[one].cmp(&elements[other])),
            Order::Texts(weights) => weights[one].cmp(&weights[other]),
            Order::OwnTexts => elements[one].cmp(&elements[other]),
        }
    }
}

fn by_texts(cx: &mut Cx<'_>, elements: &[Vec<u8>], options: &Options<'_>) -> Order {
    let weight = |element: &Vec<u8>| {
        options.by.and_then(|by| by.look_up(cx, element, |value| value.map(<[u8]>::to_vec)))
    };
    Order::Texts(elements.iter().map(weight).collect())
}

/// Elements without a weight have 0.
fn by_numbers(cx: &mut Cx<'_>, elements: &[Vec<u8>], options: &Options<'_>) -> Result<Order> {
    let weight = |element: &Vec<u8>| match &options.by {
        None => number(element),
        Some(by) => by.look_up(cx, element, |value| value.map_or(Some(0.0), number)),
    };
    let weights: Option<Vec<f64>> = elements.iter().map(weight).collect();
    weights.map(Order::Numbers).ok_or(NO_NUMBER)
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

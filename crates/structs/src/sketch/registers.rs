//! Registers taken out of their form: what several HyperLogLogs make together.

use super::estimate::Histogram;
use super::{Corrupt, Form, HEADER, REGISTERS, dense, form, make_dense, mark_stale, raise, sparse};

/// The greatest ranks of some HyperLogLogs.
pub struct Registers(Box<[u8; REGISTERS]>);

impl Default for Registers {
    /// Those of none.
    fn default() -> Self {
        Registers(vec![0; REGISTERS].into_boxed_slice().try_into().expect("the length is that of the array"))
    }
}

impl Registers {
    /// Those of one.
    ///
    /// # Errors
    /// [`Corrupt`].
    ///
    /// # Panics
    /// Unless the bytes have a [`form`].
    pub fn of(bytes: &[u8]) -> Result<Registers, Corrupt> {
        let mut registers = Registers::default();
        registers.merge(bytes)?;
        Ok(registers)
    }

    /// Raises them to those of another. O(registers).
    ///
    /// # Errors
    /// [`Corrupt`]: then some may have been raised.
    ///
    /// # Panics
    /// Unless the bytes have a [`form`].
    pub fn merge(&mut self, bytes: &[u8]) -> Result<(), Corrupt> {
        let mut at = 0;
        match form(bytes).expect("the caller has looked") {
            Form::Dense => dense::for_each(&bytes[HEADER..], |rank| {
                self.0[at] = self.0[at].max(rank);
                at += 1;
            }),
            Form::Sparse => sparse::for_each(&bytes[HEADER..], |rank, times| {
                if rank > 0 {
                    self.0[at..at + times].iter_mut().for_each(|own| *own = (*own).max(rank));
                }
                at += times;
            })?,
        }
        Ok(())
    }

    /// The rank of each register.
    pub fn ranks(&self) -> &[u8; REGISTERS] {
        &self.0
    }

    /// How many elements they have been told of, about.
    pub fn estimate(&self) -> u64 {
        let mut ranks = Histogram::default();
        self.0.iter().for_each(|rank| ranks.add(*rank, 1));
        ranks.estimate()
    }

    /// Raises the registers of a HyperLogLog to these; makes it dense first if `dense`, or when it outgrows
    /// `sparse_bytes`.
    ///
    /// # Errors
    /// [`Corrupt`]: then some may have been raised.
    ///
    /// # Panics
    /// Unless the bytes have a [`form`].
    pub fn raise(&self, bytes: &mut Vec<u8>, dense: bool, sparse_bytes: usize) -> Result<(), Corrupt> {
        if dense {
            make_dense(bytes)?;
        }
        if form(bytes) == Some(Form::Dense) {
            let mut all = Registers::of(bytes)?;
            all.0.iter_mut().zip(self.0.iter()).for_each(|(own, other)| *own = (*own).max(*other));
            bytes.truncate(HEADER);
            dense::push(all.ranks(), bytes);
        } else {
            for (index, rank) in self.0.iter().enumerate().filter(|(_, rank)| **rank > 0) {
                raise(bytes, index, *rank, sparse_bytes)?;
            }
        }
        mark_stale(bytes);
        Ok(())
    }
}

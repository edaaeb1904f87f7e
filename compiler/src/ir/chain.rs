//! Chains of operands, canonical by construction.

/// Joins operands: those that are chains of the same kind are opened, one operand stands for itself, and
/// no operand at all is `None`.
///
/// `open` gives the operands of a chain of this kind, or the operand back; `close` makes a chain.
pub fn chain<T>(
    operands: impl IntoIterator<Item = T>,
    open: fn(T) -> Result<Vec<T>, T>,
    close: fn(Vec<T>) -> T,
) -> Option<T> {
    let mut flat = Vec::new();
    for operand in operands {
        match open(operand) {
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    if flat.len() > 1 { Some(close(flat)) } else { flat.pop() }
}

using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>A frame that was read. Those of which a busy link has most come without the objects around their content.</summary>
/// <param name="Kind">Which body it has.</param>
/// <param name="Envelope">Of a send and of a delivery.</param>
/// <param name="Number">Of a delivery.</param>
/// <param name="Note">Of a delivery: what is said beside the envelope.</param>
/// <param name="Receipts">Of receipts.</param>
/// <param name="Whole">The frame of every other kind.</param>
public readonly record struct LinkFrame(
    Frame.BodyOneofCase Kind, Envelope? Envelope, ulong Number, DeliveryNote Note, IReadOnlyList<Receipt> Receipts, Frame? Whole);

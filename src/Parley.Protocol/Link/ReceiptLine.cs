using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>One receipt on its way onto a link, without the object that a parsed one is.</summary>
/// <param name="Id">The envelope's id.</param>
/// <param name="To">Its receiver's canonical address, or empty.</param>
/// <param name="State">What became of it.</param>
/// <param name="AtMs">When, Unix milliseconds.</param>
/// <param name="Code">An error code's wire name, or empty.</param>
/// <param name="Message">A sentence for people, or empty.</param>
public readonly record struct ReceiptLine(string Id, string To, ReceiptState State, long AtMs, string Code, string Message);

using Parley.Protocol.Errors;

namespace Parley.Client.HubLink;

/// <summary>The hub said goodbye for good: dialling again would be refused, or would throw out the session that took this one's place.</summary>
internal sealed class LinkEndedException(ParleyException reason) : Exception(reason.Message, reason)
{
    /// <summary>Why.</summary>
    public ParleyException Reason { get; } = reason;
}

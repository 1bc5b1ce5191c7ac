using Parley.Protocol.Errors;

namespace Parley.Client.Mcp;

/// <summary>A message of ours whose answer was not handed over yet.</summary>
/// <param name="target">Who was asked.</param>
/// <param name="thread">Its conversation.</param>
internal sealed class SentMail(string target, string thread)
{
    /// <summary>Who was asked; canonical as soon as the hub said so.</summary>
    public string Target { get; set; } = target;

    /// <summary>Its conversation.</summary>
    public string Thread => thread;

    /// <summary>What is known of it, in one word.</summary>
    public string State { get; set; } = "sent";

    /// <summary>Why there will be no answer.</summary>
    public ParleyException? Failure { get; set; }
}

using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <summary>What a link is for, and how patient it is.</summary>
public sealed record HubLinkOptions
{
    /// <summary>What the session is for.</summary>
    public SessionRole Role { get; init; } = SessionRole.Caller;

    /// <summary>Whether a listener shares the work with others instead of replacing them.</summary>
    public bool IsShared { get; init; }

    /// <summary>What this client calls itself on status pages.</summary>
    public string Software { get; init; } = "parley";

    /// <summary>What a listener can take or do beyond messages; see <see cref="Parley.Protocol.Link.ListenerCapabilities"/>.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Whether a first connection that fails ends the link, as a command at a terminal wants it; a listener dials for ever.</summary>
    public bool FailsFast { get; init; }

    /// <summary>Longest wait between two dials.</summary>
    /// <value>30 seconds.</value>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for dialling and the handshake.</summary>
    /// <value>15 seconds.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);
}

namespace Parley.WebRtc.Channels;

/// <summary>What both ends of a <see cref="DataChannel"/> agree on when it is opened.</summary>
public sealed record DataChannelOptions
{
    /// <summary>Most bytes of a label or a subprotocol.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>Name for people and programs; need not be unique.</summary>
    /// <value>At most <see cref="MaxTextBytes"/> bytes of UTF-8.</value>
    public string Label { get; init; } = string.Empty;

    /// <summary>Subprotocol spoken in it.</summary>
    /// <value>At most <see cref="MaxTextBytes"/> bytes of UTF-8.</value>
    public string Protocol { get; init; } = string.Empty;

    /// <summary>Messages arrive in the order in which they were sent.</summary>
    /// <value>Default true.</value>
    public bool IsOrdered { get; init; } = true;

    /// <summary>How often a lost piece is sent again before its message is given up; null: until it arrives.</summary>
    /// <value>Not together with <see cref="Lifetime"/>.</value>
    public int? MaxRetransmits { get; init; }

    /// <summary>How long a message is worth sending; null: for ever.</summary>
    /// <value>Not together with <see cref="MaxRetransmits"/>.</value>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Share of the path beside other channels.</summary>
    /// <value>128 below normal, 256 normal (the default), 512 high, 1024 extra high (RFC 8831, section 6.4).</value>
    public ushort Priority { get; init; } = 256;
}

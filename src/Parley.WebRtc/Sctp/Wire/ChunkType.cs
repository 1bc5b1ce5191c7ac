namespace Parley.WebRtc.Sctp.Wire;

/// <summary>Chunk types that are understood, by their numbers on the wire (RFC 9260, section 3.2, and what each extension adds).</summary>
/// <remarks>The two highest bits of an unknown type say what to do with it: 00 stop, 01 stop and report, 10 skip, 11 skip and report.</remarks>
internal static class ChunkType
{
    public const byte Data = 0;
    public const byte Init = 1;
    public const byte InitAck = 2;
    public const byte Sack = 3;
    public const byte Heartbeat = 4;
    public const byte HeartbeatAck = 5;
    public const byte Abort = 6;
    public const byte Shutdown = 7;
    public const byte ShutdownAck = 8;
    public const byte Error = 9;
    public const byte CookieEcho = 10;
    public const byte CookieAck = 11;
    public const byte ShutdownComplete = 14;

    /// <summary>Stream reset (RFC 6525).</summary>
    public const byte Reconfig = 130;

    /// <summary>Bytes without meaning, for probes of the path MTU (RFC 4820).</summary>
    public const byte Pad = 132;

    /// <summary>What the receiver shall no longer wait for (RFC 3758).</summary>
    public const byte ForwardTsn = 192;
}

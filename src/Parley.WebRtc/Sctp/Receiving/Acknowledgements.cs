using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Receiving;

/// <summary>When to send a SACK: for every second packet with data, at once while something is missing, else after a short while (RFC 9260, section 6.2).</summary>
internal sealed class Acknowledgements(SctpOptions options, DataReceiver receiver)
{
    private int _packets;
    private bool _isUrgent;
    private uint _told;

    /// <summary>When one becomes due by time.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Something is not acknowledged yet: a SACK may ride along with data.</summary>
    public bool IsPending => _packets > 0 || _isUrgent;

    /// <summary>Whether a SACK should be sent even alone.</summary>
    public bool IsDue(TimeSpan now) => _isUrgent || _packets >= 2 || now >= Deadline;

    /// <summary>A packet with data was taken.</summary>
    public void OnPacket(bool isUrgent, TimeSpan now)
    {
        _packets++;
        _isUrgent |= isUrgent || receiver.Tsns.HasGap;
        if (Deadline == TimeSpan.MaxValue)
        {
            Deadline = now + options.AcknowledgementDelay;
        }
    }

    /// <summary>The reader made room: a sender that was told of little hears when it is a good deal more.</summary>
    public void OnRead() => _isUrgent |= receiver.Window >= _told + (options.ReceiveBufferBytes / 4);

    /// <summary>The next packet carries one.</summary>
    public void Urge() => _isUrgent = true;

    /// <summary>Writes the SACK; where the packet has no room left for it, it stays due for the next one.</summary>
    public void Write(ref PacketWriter writer)
    {
        if (writer.Room < ChunkReader.HeaderBytes + SackChunk.FixedBytes)
        {
            return;
        }

        Start();
        receiver.Tsns.Write(ref writer, _told);
    }

    /// <summary>Begins with the window of the handshake.</summary>
    public void Start()
    {
        (_packets, _isUrgent, Deadline) = (0, false, TimeSpan.MaxValue);
        _told = receiver.Window;
    }
}

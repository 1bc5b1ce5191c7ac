using Parley.Protocol.Stun;
using Parley.WebRtc.Udp;

namespace Parley.HubTests.WebRtc;

/// <summary>A machine that says what is in a list and keeps what it hears. Touched in turns of its driver only.</summary>
internal sealed class ListMachine : IDatagramMachine
{
    private readonly Queue<(byte[] Bytes, TransportAddress Local, TransportAddress Remote, bool IsProbe)> _unsaid = new();
    private int _unheard;

    /// <summary>What came, copied.</summary>
    public List<(byte[] Bytes, TransportAddress Local, TransportAddress Remote)> Heard { get; } = [];

    /// <summary>The most datagrams that came one after another while nobody asked what there is to say.</summary>
    public int MostUnheard { get; private set; }

    /// <summary>Where a datagram could not go, and why.</summary>
    public List<(TransportAddress Remote, string Reason)> Refused { get; } = [];

    /// <summary>How often the time had passed.</summary>
    public int Timeouts { get; private set; }

    /// <summary>Called for each datagram that comes.</summary>
    public Action<byte[], TransportAddress, TransportAddress> OnHeard { get; set; } = (_, _, _) => { };

    /// <summary>What is still to be said.</summary>
    public int Unsaid => _unsaid.Count;

    /// <inheritdoc/>
    public TimeSpan? NextTimeout { get; set; }

    /// <summary>Says something at the next opportunity.</summary>
    public void Say(byte[] bytes, TransportAddress local, TransportAddress remote, bool isProbe = false) => _unsaid.Enqueue((bytes, local, remote, isProbe));

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now)
    {
        var bytes = datagram.ToArray();
        MostUnheard = Math.Max(MostUnheard, ++_unheard);
        Heard.Add((bytes, local, remote));
        OnHeard(bytes, local, remote);
    }

    /// <inheritdoc/>
    public int Poll(Span<byte> destination, out TransportAddress local, out TransportAddress remote, out bool isProbe, TimeSpan now)
    {
        (local, remote, isProbe, _unheard) = (default, default, false, 0);
        if (!_unsaid.TryDequeue(out var next))
        {
            return 0;
        }

        (local, remote, isProbe) = (next.Local, next.Remote, next.IsProbe);
        next.Bytes.CopyTo(destination);
        return next.Bytes.Length;
    }

    /// <inheritdoc/>
    public void HandleTimeout(TimeSpan now) => (Timeouts, NextTimeout) = (Timeouts + 1, null);

    /// <inheritdoc/>
    public void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now) => Refused.Add((remote, reason));
}

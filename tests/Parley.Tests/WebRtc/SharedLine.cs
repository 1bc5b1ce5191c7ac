using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc;

/// <summary>Two associations that send as fast as they may through one bottleneck.</summary>
internal sealed class SharedLine(PathConditions conditions)
{
    private readonly LossyPath _line = new(conditions, 1);
    private readonly LossyPath _back = new(new PathConditions { Delay = conditions.Delay }, 2);
    private readonly byte[] _packet = new byte[65_536];

    /// <summary>Lets time pass.</summary>
    /// <returns>Bytes that each delivered.</returns>
    public (long First, long Second) Run(TimeSpan time)
    {
        SctpAssociation[] senders = [Make(1, 6001), Make(2, 6002)];
        SctpAssociation[] receivers = [Make(3, 6001), Make(4, 6002)];
        var (bytes, payload, now) = (new long[2], new byte[32 << 10], TimeSpan.Zero);
        Array.ForEach(senders, sender => sender.Connect(now));
        while (now < time)
        {
            while (_line.TryDeliver(now, (buffer, length) => receivers[buffer[1] & 1].Receive(buffer.AsSpan(0, length), now)))
            {
            }

            while (_back.TryDeliver(now, (buffer, length) => senders[buffer[1] & 1].Receive(buffer.AsSpan(0, length), now)))
            {
            }

            for (var i = 0; i < 2; i++)
            {
                while (senders[i].Send(1, 53, payload, default, now) == SctpSendResult.Accepted)
                {
                }

                Pump(senders[i], _line, now);
                bytes[i] += Pump(receivers[i], _back, now);
            }

            var next = new[] { _line.NextArrival, _back.NextArrival, senders[0].NextTimeout, senders[1].NextTimeout, receivers[0].NextTimeout, receivers[1].NextTimeout }.Min();
            now = next is { } at && at > now ? at : now;
        }

        return (bytes[0], bytes[1]);
    }

    // The ports tell the two apart; by chance of their numbers the lowest bit of the second byte does.
    private static SctpAssociation Make(int seed, ushort port) =>
        new(new SctpOptions { LocalPort = (ushort)(port + 1), RemotePort = (ushort)(port + 1) }, SeededRandom.Source(seed));

    private long Pump(SctpAssociation association, LossyPath path, TimeSpan now)
    {
        if (association.NextTimeout <= now)
        {
            association.Tick(now);
        }

        var bytes = 0L;
        while (association.TryRead(out var happened))
        {
            bytes += happened.Payload.Length;
        }

        for (int length; (length = association.Poll(_packet, now)) > 0;)
        {
            path.Send(_packet.AsSpan(0, length), now);
        }

        return bytes;
    }
}

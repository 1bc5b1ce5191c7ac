using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Scenarios;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Benchmarks.Micro;

/// <summary>What the managed SCTP costs without sockets and without DTLS.</summary>
internal sealed class SctpScenario : IScenario
{
    private const string Bare = "checksums";
    private const int Batch = 32;

    /// <inheritdoc/>
    public string Name => "sctp";

    /// <inheritdoc/>
    public string Reference => Bare;

    /// <inheritdoc/>
    public string Explanation =>
        $"One thread, association to association in memory, both ends' work counted, an acknowledgement for every {Batch} packets. "
        + "The reference only computes the CRC-32C of each packet twice, as sender and receiver must.";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        (string Peer, string What, Func<double> Once)[] cases =
        [
            .. new[] { (1160, 16 << 10), (1160, 64 << 10), (16_000, 64 << 10) }.SelectMany(one => new (string, string, Func<double>)[]
            {
                (Bare, What(one.Item1, one.Item2), () => Checksums(one.Item1, context)),
                ("parley", What(one.Item1, one.Item2), () => Transfer(one.Item1, one.Item2, context)),
            }),
        ];
        var results = cases.Select(_ => new List<double>()).ToArray();

        // In turns, and the first is thrown away: a noisy moment falls on all of them.
        for (var run = 0; run <= context.Options.Runs; run++)
        {
            for (var i = 0; i < cases.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                results[i].Add(cases[i].Once());
            }
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(
            [.. cases.Select((one, i) => new Measurement(one.What, one.Peer, "MB/s", Summary.Of([.. results[i].Skip(1)])))]);
    }

    private static string What(int packet, int message) => $"{message >> 10} KiB messages, packets of {packet} bytes";

    private static double Checksums(int packetBytes, BenchContext context)
    {
        var packet = new byte[packetBytes];
        var (clock, length, bytes) = (context.TimeProvider, context.Options.RunLength / 4, 0L);
        var begun = clock.GetTimestamp();
        while (clock.GetElapsedTime(begun) < length)
        {
            for (var i = 0; i < Batch; i++)
            {
                packet[20] = (byte)(Crc32c.OfPacket(packet) ^ Crc32c.OfPacket(packet));
                bytes += packetBytes;
            }
        }

        return bytes / clock.GetElapsedTime(begun).TotalSeconds / 1e6;
    }

    private static double Transfer(int packetBytes, int messageBytes, BenchContext context)
    {
        var options = new SctpOptions { StartPacketBytes = packetBytes, MaxPacketBytes = packetBytes };
        var (sender, receiver) = (new SctpAssociation(options, new Random(1).NextBytes), new SctpAssociation(options, new Random(2).NextBytes));
        var (packet, message) = (new byte[packetBytes], new byte[messageBytes]);
        var (clock, length, bytes) = (context.TimeProvider, context.Options.RunLength / 4, 0L);
        var begun = clock.GetTimestamp();
        sender.Connect(TimeSpan.Zero);
        for (var now = TimeSpan.Zero; now < length; now = clock.GetElapsedTime(begun))
        {
            while (sender.Send(1, 53, message, default, now) == SctpSendResult.Accepted)
            {
            }

            Pump(sender, receiver, packet, now);
            bytes += Read(receiver);
            Pump(receiver, sender, packet, now);
            Read(sender);
        }

        return bytes / clock.GetElapsedTime(begun).TotalSeconds / 1e6;
    }

    private static void Pump(SctpAssociation from, SctpAssociation to, byte[] packet, TimeSpan now)
    {
        if (from.NextTimeout <= now)
        {
            from.Tick(now);
        }

        for (var i = 0; i < Batch && from.Poll(packet, now) is > 0 and var written; i++)
        {
            to.Receive(packet.AsSpan(0, written), now);
        }
    }

    private static long Read(SctpAssociation association)
    {
        var bytes = 0L;
        while (association.TryRead(out var happened))
        {
            bytes += happened.Payload.Length;
        }

        return bytes;
    }
}

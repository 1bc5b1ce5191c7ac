using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Scenarios;
using Parley.Protocol.Wire;

namespace Parley.Benchmarks.Micro;

/// <summary>What one frame costs on the hub's hot path: the generated protobuf types against <see cref="HandCodec"/>.</summary>
internal sealed class MicroScenario : IScenario
{
    private const int Batch = 1000;
    private const int BodyBytes = 128;

    /// <inheritdoc/>
    public string Name => "micro";

    /// <inheritdoc/>
    public string Explanation => $"One thread. Read Frame{{send}} with a body of {BodyBytes} bytes from a ReadOnlySequence; write Frame{{delivery}} of it into an IBufferWriter; both. Time and bytes allocated per operation.";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var envelope = MakeEnvelope();
        var wire = new ReadOnlySequence<byte>(new Frame { Send = envelope }.ToByteArray());
        var from = Encoding.UTF8.GetBytes("demo.agent-a");
        var writer = new ArrayBufferWriter<byte>(4096);
        var parsed = Frame.Parser.ParseFrom(wire).Send;
        (string Peer, string What, Action Once)[] cases =
        [
            ("protobuf", "read", () => Frame.Parser.ParseFrom(wire)),
            ("hand", "read", () => HandCodec.TryReadSend(wire.FirstSpan, out _)),
            ("hand, id and target as strings", "read", () => ReadWithStrings(wire.FirstSpan)),
            ("protobuf", "write", () => WriteGenerated(writer, parsed)),
            ("hand", "write", () => ForwardByHand(wire.FirstSpan, from, writer, isRead: false)),
            ("protobuf", "read and write", () => WriteGenerated(writer, Frame.Parser.ParseFrom(wire).Send)),
            ("hand", "read and write", () => ForwardByHand(wire.FirstSpan, from, writer, isRead: true)),
        ];
        var rows = new List<Measurement>();
        foreach (var (peer, what, once) in cases)
        {
            var runs = Enumerable.Range(0, context.Options.Runs + 1).Select(_ => Measure(once, context)).Skip(1).ToArray();
            rows.Add(new Measurement($"{what}, time", peer, "ns", Summary.Of([.. runs.Select(run => run.Nanoseconds)])));
            rows.Add(new Measurement($"{what}, allocated", peer, "B", Summary.Of([.. runs.Select(run => run.Bytes)])));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(rows);
    }

    /// <summary>An ordinary command as a client sends it.</summary>
    internal static Envelope MakeEnvelope() => new()
    {
        Id = "01jd7r8m3n5p9q2s4t6v8w0x1y",
        To = "demo.agent-b",
        Kind = EnvelopeKind.Request,
        Thread = "01jd7r8m3n5p9q2s4t6v8w0x1z",
        Sequence = 300,
        TtlMs = 90_000,
        Type = MessageType.Command,
        WantsReply = true,
        Body = ByteString.CopyFrom([.. Enumerable.Range(0, BodyBytes).Select(i => (byte)i)]),
    };

    private static void WriteGenerated(ArrayBufferWriter<byte> writer, Envelope envelope)
    {
        writer.ResetWrittenCount();
        envelope.From = "demo.agent-a";
        envelope.AcceptedAtMs = 1_790_000_000_000;
        new Frame { Delivery = new Delivery { Number = 1000, Envelope = envelope } }.WriteTo(writer);
    }

    private static void ForwardByHand(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> from, ArrayBufferWriter<byte> writer, bool isRead)
    {
        writer.ResetWrittenCount();
        HandEnvelope envelope = default;
        if (isRead)
        {
            HandCodec.TryReadSend(frame, out envelope);
        }
        else
        {
            // The spans of the sample at their places, without reading: what writing alone costs.
            envelope.Id = frame.Slice(5, 26);
            envelope.To = frame.Slice(33, 12);
            envelope.Thread = frame.Slice(49, 26);
            envelope.Body = frame[^BodyBytes..];
            (envelope.Kind, envelope.Sequence, envelope.TtlMs, envelope.Type, envelope.WantsReply) = (1, 300, 90_000, 3, 1);
        }

        envelope.From = from;
        envelope.AcceptedAtMs = 1_790_000_000_000;
        HandCodec.WriteDelivery(writer, 1000, in envelope);
    }

    private static void ReadWithStrings(ReadOnlySpan<byte> frame)
    {
        HandCodec.TryReadSend(frame, out var envelope);
        _ = Encoding.UTF8.GetString(envelope.Id);
        _ = Encoding.UTF8.GetString(envelope.To);
    }

    private static (double Nanoseconds, double Bytes) Measure(Action once, BenchContext context)
    {
        var (clock, length) = (context.TimeProvider, context.Options.RunLength / 8);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var begun = clock.GetTimestamp();
        long done = 0;
        while (clock.GetElapsedTime(begun) < length)
        {
            for (var i = 0; i < Batch; i++)
            {
                once();
            }

            done += Batch;
        }

        var elapsed = clock.GetElapsedTime(begun);
        return (elapsed.TotalNanoseconds / done, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)done);
    }
}

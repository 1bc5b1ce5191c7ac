using System.Buffers;
using Google.Protobuf;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Tests.Link;

/// <summary>The frames that are written by hand are, byte for byte, what the generated types write.</summary>
public sealed class BusyFramesTests
{
    private const int Seed = 90210;

    [Fact]
    public void Sends_deliveries_receipts_and_acknowledgements_equal_the_generated_bytes()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 2000; round++)
        {
            var envelope = RandomEnvelope(random);
            var number = (ulong)random.NextInt64(random.Next(2) == 0 ? 200 : long.MaxValue);
            var atMs = random.Next(2) == 0 ? 0 : random.NextInt64();
            var receipts = Enumerable.Range(0, random.Next(4)).Select(_ => RandomReceipt(random)).ToArray();
            var numbers = Enumerable.Range(1, random.Next(1, 5)).Select(_ => (ulong)random.NextInt64()).ToArray();

            AssertSame(new Frame { Send = envelope }, outbox => BusyFrames.WriteSend(outbox, envelope), round);
            AssertSame(
                new Frame { Delivery = new Delivery { Number = number, Envelope = envelope, Redelivered = round % 2 == 0, RequestDeliveredMs = atMs, AgeMs = (ulong)atMs / 3 } },
                outbox => BusyFrames.WriteDelivery(outbox, number, envelope, new DeliveryNote(round % 2 == 0, atMs / 3, atMs)),
                round);
            AssertSame(
                new Frame { Receipts = new Receipts { Items = { receipts.Select(ToWire) } } }, outbox => BusyFrames.WriteReceipts(outbox, receipts), round);
            AssertSame(new Frame { Ack = new Ack { Numbers = { numbers } } }, outbox => BusyFrames.WriteAck(outbox, numbers), round);
        }
    }

    private static void AssertSame(Frame expected, Action<ArrayBufferWriter<byte>> write, int round)
    {
        var byHand = new ArrayBufferWriter<byte>();
        var generated = new ArrayBufferWriter<byte>();

        write(byHand);
        FrameCodec.Write(generated, expected);

        Assert.True(generated.WrittenSpan.SequenceEqual(byHand.WrittenSpan), $"{expected.BodyCase} differs in round {round} of seed {Seed}.");
    }

    private static Envelope RandomEnvelope(Random random) => new()
    {
        Id = Text(random),
        From = Text(random),
        To = Text(random),
        Kind = (EnvelopeKind)random.Next(5),
        Correlation = Text(random),
        Thread = Text(random),
        TtlMs = (ulong)random.NextInt64(),
        WantsReply = random.Next(2) == 0,
        Ancestry = { Enumerable.Range(0, random.Next(3)).Select(_ => Text(random)) },
        Body = ByteString.CopyFrom(new byte[random.Next(300)]),
        AcceptedAtMs = random.NextInt64(),
    };

    private static ReceiptLine RandomReceipt(Random random) => new(
        Text(random), Text(random), (ReceiptState)random.Next(10), random.NextInt64(), Text(random), Text(random));

    private static Receipt ToWire(ReceiptLine line) => new()
    {
        Id = line.Id, To = line.To, State = line.State, AtMs = line.AtMs, Code = line.Code, Message = line.Message,
    };

    private static string Text(Random random) => random.Next(3) switch
    {
        0 => string.Empty,
        1 => new string('x', random.Next(200)),
        _ => "grüße, 世界 \U0001F600",
    };
}

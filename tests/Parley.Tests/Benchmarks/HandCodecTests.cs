using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Benchmarks.Micro;
using Parley.Protocol.Wire;

namespace Parley.Tests.Benchmarks;

public sealed class HandCodecTests
{
    private const string Sender = "demo.agent-a";
    private const long AcceptedAt = 1_790_000_000_000;

    [Fact]
    public void A_forwarded_envelope_has_the_bytes_that_the_generated_types_write()
    {
        const int Seed = 22;
        var random = new Random(Seed);
        for (var i = 0; i < 1000; i++)
        {
            var envelope = RandomEnvelope(random);
            var sent = new Frame { Send = envelope }.ToByteArray();

            var forwarded = Forward(sent, (ulong)i);

            envelope.From = Sender;
            envelope.AcceptedAtMs = AcceptedAt;
            Assert.Equal(new Frame { Delivery = new Delivery { Number = (ulong)i, Envelope = envelope } }.ToByteArray(), forwarded);
        }
    }

    [Fact]
    public void What_a_client_claims_about_itself_is_dropped()
    {
        var envelope = new Envelope { Id = "1", To = "b", From = "somebody", Hops = 7, AcceptedAtMs = 5, Ancestry = { "x", "y" } };

        HandCodec.TryReadSend(new Frame { Send = envelope }.ToByteArray(), out var read);

        Assert.True(read.From.IsEmpty);
        Assert.Equal(0ul, read.AcceptedAtMs);
    }

    [Fact]
    public void Another_frame_is_not_read()
    {
        var ping = new Frame { Ping = new Ping { Number = 1 } }.ToByteArray();

        var isSend = HandCodec.TryReadSend(ping, out _);

        Assert.False(isSend);
    }

    [Fact]
    public void Changed_and_cut_frames_are_read_or_refused_without_an_exception()
    {
        const int Seed = 23;
        var random = new Random(Seed);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new Frame { Send = RandomEnvelope(random) }.ToByteArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            var failure = Record.Exception(() => HandCodec.TryReadSend(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out _));

            Assert.True(failure is null, $"seed {Seed}, input {i}: {failure}");
        }
    }

    private static byte[] Forward(byte[] sent, ulong number)
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.True(HandCodec.TryReadSend(sent, out var envelope));
        envelope.From = Encoding.UTF8.GetBytes(Sender);
        envelope.AcceptedAtMs = (ulong)AcceptedAt;
        HandCodec.WriteDelivery(writer, number, in envelope);
        return writer.WrittenSpan.ToArray();
    }

    private static Envelope RandomEnvelope(Random random)
    {
        var body = new byte[random.Next(300)];
        random.NextBytes(body);
        return new Envelope
        {
            Id = Text(random),
            To = Text(random),
            Kind = (EnvelopeKind)random.Next(5),
            Correlation = Text(random),
            Thread = Text(random),
            Sequence = random.Next(2) == 0 ? 0 : (ulong)random.NextInt64(),
            TtlMs = (ulong)random.Next(100_000),
            Type = (MessageType)random.Next(6),
            OnlineOnly = random.Next(2) == 0,
            WantsReply = random.Next(2) == 0,
            Cause = Text(random),
            Body = ByteString.CopyFrom(body),
            BodySize = (uint)random.Next(2) * 70_000,
            Resend = random.Next(2) == 0,
            GapFrom = (ulong)random.Next(2),
        };
    }

    private static string Text(Random random) => new('a', random.Next(40));
}

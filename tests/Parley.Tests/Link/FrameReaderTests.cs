using System.Buffers;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Link;

/// <summary>What is read by hand is what the generated parser makes of the same bytes, and what that refuses is refused.</summary>
public sealed class FrameReaderTests
{
    private const int Seed = 271_828;

    private readonly FrameReader _reader = new();

    [Fact]
    public void Plain_frames_are_read_by_hand()
    {
        var envelope = new Envelope
        {
            Id = "a1", From = "acme.alice", To = "bob", Kind = EnvelopeKind.Request, Thread = "t", TtlMs = 5, WantsReply = true, Ancestry = { "acme.alice" }, Body = ByteString.CopyFromUtf8("\u00e9"),
        };
        var receipts = new Receipts { Items = { new Receipt { Id = "a1", State = ReceiptState.Delivered, AtMs = 7, To = "acme.bob" } } };

        Assert.True(_reader.TryReadPlain(new Frame { Send = envelope }.ToByteArray(), out _));
        Assert.True(_reader.TryReadPlain(new Frame { Delivery = new Delivery { Number = 3, Envelope = envelope, AgeMs = 9 } }.ToByteArray(), out _));
        Assert.True(_reader.TryReadPlain(new Frame { Receipts = receipts }.ToByteArray(), out _));
    }

    [Fact]
    public void An_address_that_comes_again_is_the_same_string()
    {
        var first = _reader.Read(new Frame { Send = new Envelope { To = "acme.bob" } }.ToByteArray());
        var second = _reader.Read(new Frame { Send = new Envelope { To = "acme.bob" } }.ToByteArray());

        Assert.Same(first.Envelope!.To, second.Envelope!.To);
    }

    [Fact]
    public void A_field_of_a_newer_version_is_not_passed_on()
    {
        var known = new Envelope { Id = "a1" };
        byte[] envelope = [.. known.ToByteArray(), 0xFA, 0x01, 0x01, 0x2A];

        var read = _reader.Read([(Frame.SendFieldNumber << 3) | 2, (byte)envelope.Length, .. envelope]);

        Assert.Equal(known.ToByteArray(), read.Envelope.ToByteArray());
    }

    [Fact]
    public void Every_frame_and_every_broken_one_reads_as_the_generated_parser_reads_it() => Fuzz.Run(
        Seed, Fuzz.Count, random => random.Next(3) == 0 ? RandomFrame(random).ToByteArray() : Fuzz.Mutate(random, RandomFrame(random).ToByteArray()), bytes =>
    {
        var expected = Generated(bytes);

        if (expected is null)
        {
            Assert.Equal(ErrorCode.ProtocolViolation, Assert.Throws<ParleyException>(() => _reader.Read(bytes)).Code);
            return;
        }

        Assert.Equal(expected, ToFrame(_reader.Read(bytes)));
    });

    [Fact]
    public void A_frame_in_pieces_is_read_like_a_whole_one() => Fuzz.Run(Seed, 1000, random => (Frame: RandomFrame(random), Cut: random.Next()), input =>
    {
        var writer = new ArrayBufferWriter<byte>();
        FrameCodec.Write(writer, input.Frame);
        var first = new Segment(writer.WrittenMemory[..(input.Cut % writer.WrittenCount)]);
        var last = first.Append(writer.WrittenMemory[(input.Cut % writer.WrittenCount)..]);
        var buffer = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);

        Assert.True(_reader.TryRead(ref buffer, out var frame));

        Assert.Equal(input.Frame, ToFrame(frame));
        Assert.True(buffer.IsEmpty);
    });

    private static Frame? Generated(byte[] bytes)
    {
        try
        {
            var frame = Frame.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
            return frame.BodyCase switch
            {
                // What the link leaves out of either: unknown fields beside the envelope and the receipts. A delivery of nothing is one of an empty envelope.
                Frame.BodyOneofCase.Send => new Frame { Send = frame.Send },
                Frame.BodyOneofCase.Receipts => new Frame { Receipts = new Receipts { Items = { frame.Receipts.Items } } },
                Frame.BodyOneofCase.Delivery => new Frame
                {
                    Delivery = new Delivery
                    {
                        Number = frame.Delivery.Number,
                        Envelope = frame.Delivery.Envelope ?? new Envelope(),
                        Redelivered = frame.Delivery.Redelivered,
                        AgeMs = Math.Min(frame.Delivery.AgeMs, long.MaxValue),
                        RequestDeliveredMs = frame.Delivery.RequestDeliveredMs,
                    },
                },
                _ => frame,
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>What was read, as the generated type has it.</summary>
    private static Frame ToFrame(LinkFrame read) => read.Kind switch
    {
        Frame.BodyOneofCase.Send => new Frame { Send = read.Envelope },
        Frame.BodyOneofCase.Receipts => new Frame { Receipts = new Receipts { Items = { read.Receipts } } },
        Frame.BodyOneofCase.Delivery => new Frame
        {
            Delivery = new Delivery
            {
                Number = read.Number,
                Envelope = read.Envelope,
                Redelivered = read.Note.IsRedelivered,
                AgeMs = (ulong)read.Note.AgeMs,
                RequestDeliveredMs = read.Note.RequestDeliveredMs,
            },
        },
        _ => read.Whole!,
    };

    private static Frame RandomFrame(Random random) => random.Next(8) switch
    {
        0 => new Frame { Ack = new Ack { Numbers = { 1, 2, 300 } } },
        1 or 2 => new Frame { Receipts = new Receipts { Items = { Enumerable.Range(0, random.Next(4)).Select(_ => RandomReceipt(random)) } } },
        3 or 4 => new Frame { Send = RandomEnvelope(random) },
        _ => new Frame
        {
            Delivery = new Delivery
            {
                Number = (ulong)random.NextInt64(),
                Envelope = RandomEnvelope(random),
                Redelivered = random.Next(2) == 0,
                AgeMs = (ulong)random.Next(3),
                RequestDeliveredMs = random.Next(2) == 0 ? 0 : random.NextInt64(),
            },
        },
    };

    private static Envelope RandomEnvelope(Random random) => new()
    {
        Id = Text(random),
        From = Text(random),
        To = Text(random),
        Kind = (EnvelopeKind)random.Next(6),
        Correlation = Text(random),
        Thread = Text(random),
        Sequence = (ulong)random.Next(3),
        Hops = (uint)random.Next(3),
        Ancestry = { Enumerable.Range(0, random.Next(3)).Select(_ => Text(random)) },
        TtlMs = (ulong)random.NextInt64(),
        Type = (MessageType)random.Next(6),
        OnlineOnly = random.Next(2) == 0,
        WantsReply = random.Next(2) == 0,
        Cause = Text(random),
        Body = ByteString.CopyFrom(Fuzz.Bytes(random, 300)),
        BodySize = (uint)random.Next(3),
        AcceptedAtMs = random.NextInt64(),
        GapFrom = (ulong)(random.Next(8) == 0 ? 1 : 0),
        Resend = random.Next(2) == 0,
    };

    private static Receipt RandomReceipt(Random random) => new()
    {
        Id = Text(random),
        State = (ReceiptState)random.Next(11),
        AtMs = random.NextInt64(),
        To = Text(random),
        Code = random.Next(8) == 0 ? Text(random) : string.Empty,
    };

    private static string Text(Random random) => random.Next(12) switch
    {
        0 => "k\u00f6ln",
        1 or 2 => string.Empty,
        _ => new string((char)('a' + random.Next(26)), random.Next(1, 40)),
    };

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}

using Google.Protobuf;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

/// <summary>What a client may put into an envelope so that the hub's own words beside it still fit into a frame.</summary>
public sealed class FrameLimitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(EnvelopeKind.Request), false)]
    [InlineData(nameof(EnvelopeKind.Cancel), false)]
    [InlineData(nameof(EnvelopeKind.Reply), true)]
    [InlineData(nameof(EnvelopeKind.Part), true)]
    public async Task An_envelope_whose_texts_fill_a_frame_is_refused_and_its_receiver_stays(string kind, bool isAnswer)
    {
        await using var hub = await HubFixture.StartAsync();
        await using var asking = await AttachAsync(hub, "alice", SessionRole.Caller);
        await using var answering = await AttachAsync(hub, "bob", SessionRole.Listen);
        asking.Outbox.Send(new Frame { Send = new Envelope { Id = "q", To = "acme.bob", Kind = EnvelopeKind.Request, WantsReply = true } });
        await NextAsync(answering, Frame.BodyOneofCase.Delivery);
        var (from, to) = isAnswer ? (answering, asking) : (asking, answering);
        var large = new Frame { Send = new Envelope { Id = "large", To = isAnswer ? "acme.alice" : "acme.bob", Kind = Enum.Parse<EnvelopeKind>(kind), Correlation = "q" } };
        large.Send.Cause = new string('c', MessagingLimits.MaxFrameBytes - large.CalculateSize() - 10);

        from.Outbox.Send(large);
        var refused = (await NextAsync(from, Frame.BodyOneofCase.Receipts)).Receipts.Items[0];
        to.Outbox.Send(new Frame { Ping = new Ping { Number = 7 } });
        var next = await NextAsync(to, Frame.BodyOneofCase.Pong);

        Assert.Equal(("large", ReceiptState.Refused, "invalid_argument"), (refused.Id, refused.State, refused.Code));
        Assert.Equal(7ul, next.Pong.Number);
    }

    [Fact]
    public async Task What_an_envelope_has_beside_its_known_fields_goes_no_further()
    {
        await using var hub = await HubFixture.StartAsync();
        await using var asking = await AttachAsync(hub, "alice", SessionRole.Caller);
        await using var answering = await AttachAsync(hub, "bob", SessionRole.Listen);
        var plain = new Envelope { Id = "q", To = "acme.bob", Kind = EnvelopeKind.Request }.ToByteArray();
        var unknown = new byte[MessagingLimits.MaxFrameBytes - 100];
        using var bytes = new MemoryStream();
        bytes.Write(plain);
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(1000, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(unknown));
        }

        asking.Outbox.Send(new Frame { Send = Envelope.Parser.ParseFrom(bytes.ToArray()) });
        var delivery = (await NextAsync(answering, Frame.BodyOneofCase.Delivery)).Delivery;

        Assert.Equal("q", delivery.Envelope.Id);
        Assert.InRange(delivery.CalculateSize(), 1, 1000);
    }

    [Fact]
    public async Task A_cancel_has_no_body()
    {
        await using var hub = await HubFixture.StartAsync();
        await using var asking = await AttachAsync(hub, "alice", SessionRole.Caller);
        await using var answering = await AttachAsync(hub, "bob", SessionRole.Listen);
        const int Size = 5 * MessagingLimits.ChunkBytes;

        asking.Outbox.Append(new Frame { Send = new Envelope { Id = "c", To = "acme.bob", Kind = EnvelopeKind.Cancel, Correlation = "q", BodySize = Size } });
        for (var offset = 0; offset < Size; offset += MessagingLimits.ChunkBytes)
        {
            asking.Outbox.Append(new Frame { Chunk = new BodyChunk { Id = "c", Offset = (uint)offset, Data = ByteString.CopyFrom(new byte[MessagingLimits.ChunkBytes]) } });
        }

        asking.Outbox.Flush();
        var delivery = (await NextAsync(answering, Frame.BodyOneofCase.Delivery)).Delivery;

        Assert.Equal((EnvelopeKind.Cancel, "q", 0u), (delivery.Envelope.Kind, delivery.Envelope.Correlation, delivery.Envelope.BodySize));
        Assert.True(delivery.Envelope.Body.IsEmpty);
    }

    private static async Task<RawLink> AttachAsync(HubFixture hub, string name, SessionRole role) =>
        await RawLink.AttachAsync(hub, await hub.EnrolAsync(name), role, LinkKind.Grpc, Stop);

    private static Task<Frame> NextAsync(RawLink link, Frame.BodyOneofCase kind) => link.ReadAsync(kind, Stop).WaitAsync(Deadline.Shared, Stop);
}

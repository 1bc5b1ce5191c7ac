using Google.Protobuf;
using Google.Protobuf.Reflection;
using Parley.Client.HubLink;
using Parley.HubTests.Peering;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Pages;

/// <summary>A visitor meets its host, and every other door is closed to it.</summary>
public sealed class VisitorDoorTests : IAsyncLifetime
{
    private const string Probe = "peer:transfer";

    private HubFixture _hub = null!;
    private EnrolledAgent _alice = null!;
    private EnrolledAgent _carol = null!;
    private EnrolledAgent _bob = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> ClosedFrames => [.. FrameFields().Select(static one => one.Name).Except(["signal", "circuit_request", "ping", "pong", "goodbye"])];

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync();
        (_alice, _carol) = (await _hub.EnrolAsync("alice"), await _hub.EnrolAsync("carol"));
        _bob = await _hub.EnrolVisitorAsync(_alice, "bob");
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [MemberData(nameof(ClosedFrames))]
    public async Task A_frame_that_is_closed_to_visitors_ends_their_link(string name)
    {
        await using var bob = await SignallingTests.AttachAsync(_hub, _bob, "b");
        var field = FrameFields().Single(field => field.Name == name);
        var frame = new Frame();
        field.Accessor.SetValue(frame, field.FieldType == FieldType.Message ? field.MessageType.Parser.ParseFrom(Array.Empty<byte>()) : ByteString.CopyFromUtf8("x"));

        bob.Outbox.Send(frame);
        var goodbye = (await bob.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye;

        Assert.Equal(("permission_denied", false), (goodbye.Code, goodbye.MayReturn));
    }

    [Theory]
    [InlineData(SessionRole.Listen)]
    [InlineData(SessionRole.Recv)]
    [InlineData(SessionRole.Chat)]
    [InlineData(SessionRole.Call)]
    [InlineData(SessionRole.Mcp)]
    public async Task A_visitor_attaches_as_a_caller_alone(SessionRole role)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RawLink.AttachAsync(_hub, _bob, role, LinkKind.Grpc, Stop, "b"));

        Assert.Contains("permission_denied", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visitor_and_its_host_signal_to_each_other()
    {
        await using var alice = await SignallingTests.AttachAsync(_hub, _alice, "a", Probe);
        await using var bob = await SignallingTests.AttachAsync(_hub, _bob, "b", Probe);

        bob.Outbox.Send(SignallingTests.Signal("acme.alice", "knock"));
        var knock = (await alice.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;
        alice.Outbox.Send(SignallingTests.Signal(knock.From, "answer", to: knock.FromEnd));
        var answer = (await bob.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;
        alice.Outbox.Send(SignallingTests.Signal("bob", "and by name"));
        var named = (await bob.ReadAsync(Frame.BodyOneofCase.Signal, Stop)).Signal;

        Assert.Equal(("acme.bob", "knock"), (knock.From, knock.Payload.ToStringUtf8()));
        Assert.Equal(("answer", "and by name"), (answer.Payload.ToStringUtf8(), named.Payload.ToStringUtf8()));
    }

    [Theory]
    [InlineData("bob", "acme.carol")]
    [InlineData("bob", "carol")]
    [InlineData("bob", "acme.dave")]
    [InlineData("carol", "acme.bob")]
    [InlineData("carol", "bob")]
    [InlineData("stranger", "acme.bob")]
    public async Task Between_a_visitor_and_anybody_else_no_signal_passes_and_neither_is_there_for_the_other(string from, string to)
    {
        var dave = await _hub.EnrolVisitorAsync(_alice, "dave");
        await using var others = await SignallingTests.AttachAsync(_hub, to.EndsWith("bob", StringComparison.Ordinal) ? _bob : to.EndsWith("dave", StringComparison.Ordinal) ? dave : _carol, "o", Probe);
        await using var asking = await SignallingTests.AttachAsync(_hub, from switch { "bob" => _bob, "carol" => _carol, _ => await _hub.EnrolAsync("stranger", "other") }, "x");

        asking.Outbox.Send(SignallingTests.Signal(to, "hello"));
        var first = await RefusalAsync(asking);
        asking.Outbox.Send(SignallingTests.Signal(to.Contains('.', StringComparison.Ordinal) ? to : "acme." + to, "to one end", to: ByteString.CopyFromUtf8("o")));
        var second = await RefusalAsync(asking);
        asking.Outbox.Send(new Frame { CircuitRequest = new CircuitRequest { Session = ByteString.CopyFrom(new byte[16]), Number = 1, To = to, ToEnd = ByteString.CopyFromUtf8("o") } });
        var circuit = await RefusalAsync(asking);
        others.Outbox.Send(new Frame { Ping = new Ping { Number = 1 } });

        Assert.Equal(("agent.unknown", "agent.unknown", "agent.unknown"), (first, second, circuit));
        Assert.Equal(Frame.BodyOneofCase.Pong, (await others.ReadAsync(Stop))!.BodyCase);
    }

    [Theory]
    [InlineData("alice", "unsupported")]
    [InlineData("carol", "agent.unknown")]
    public async Task No_message_reaches_a_visitor(string from, string code)
    {
        await using var bob = await SignallingTests.AttachAsync(_hub, _bob, "b");
        await using var sender = await SignallingTests.AttachAsync(_hub, from == "alice" ? _alice : _carol, "s");

        sender.Outbox.Send(new Frame { Send = new Envelope { Id = "m1", To = "acme.bob", Kind = EnvelopeKind.Request, Body = new Message { Content = ByteString.CopyFromUtf8("hello") }.ToByteString() } });
        var receipts = (await sender.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts;

        Assert.Equal((ReceiptState.Refused, code), (receipts.Items[0].State, receipts.Items[0].Code));
    }

    private static IEnumerable<FieldDescriptor> FrameFields() => Frame.Descriptor.Oneofs[0].Fields;

    private static async Task<string> RefusalAsync(RawLink link) => (await link.ReadAsync(Frame.BodyOneofCase.SignalRefusal, Stop)).SignalRefusal.Code;
}

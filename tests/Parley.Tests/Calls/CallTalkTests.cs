using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Parley.Client.Calls;
using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Tests.Peering;

namespace Parley.Tests.Calls;

public sealed class CallTalkTests
{
    private static readonly byte[] _alices = [.. Enumerable.Repeat((byte)0xaa, 32)];
    private static readonly byte[] _bobs = [.. Enumerable.Repeat((byte)0xbb, 32)];

    [Fact]
    public async Task A_description_reaches_the_other_page()
    {
        var (alice, bob) = Pair();
        using var stop = new CancellationTokenSource(Deadline.Shared);
        var heard = new TaskCompletionSource<JsonElement>();
        var (near, far) = (new CallTalk(alice, TimeProvider.System), new CallTalk(bob, TimeProvider.System));
        var talking = near.RunAsync(_ => Task.CompletedTask, stop.Token);
        var listening = far.RunAsync(signal => { heard.TrySetResult(signal); return Task.CompletedTask; }, stop.Token);

        near.Say(Description(_alices), _alices);
        var signal = await heard.Task.WaitAsync(stop.Token);
        near.HangUp();
        await listening;

        Assert.Equal("offer", signal.GetProperty("description").GetProperty("type").GetString());
        Assert.True(far.HasSignals);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talking);
    }

    [Fact]
    public async Task A_description_of_another_certificate_than_the_signed_one_ends_the_call()
    {
        var (alice, bob) = Pair();
        var far = new CallTalk(bob, TimeProvider.System);
        var listening = far.RunAsync(_ => throw new InvalidOperationException("It must not reach the page."), TestContext.Current.CancellationToken);

        alice.Say(JsonSerializer.SerializeToUtf8Bytes(new CallNote(1, 0, Description(_bobs).GetRawText(), false), CallJson.Default.CallNote));

        Assert.Equal(ErrorCode.PeerProof, (await Assert.ThrowsAsync<ParleyException>(() => listening)).Code);
    }

    [Fact]
    public void The_own_page_cannot_change_its_certificate_either()
    {
        var (alice, _) = Pair();

        Assert.Equal(ErrorCode.PeerProof, Assert.Throws<ParleyException>(() => new CallTalk(alice, TimeProvider.System).Say(Description(_bobs), _alices)).Code);
    }

    [Fact]
    public async Task What_no_signal_carries_is_refused_and_not_said_again()
    {
        var (alice, bob) = Pair();
        using var stop = new CancellationTokenSource();
        var talk = new CallTalk(alice, TimeProvider.System);
        using var signal = JsonDocument.Parse($$$"""{"candidate":{"candidate":"{{{new string('x', ISealedNotes.MaxNoteBytes)}}}"}}""");

        var refused = Assert.Throws<ParleyException>(() => talk.Say(signal.RootElement, _alices));
        var talking = talk.RunAsync(_ => Task.CompletedTask, stop.Token);
        var note = await bob.Heard.ReadAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        Assert.Equal(ErrorCode.MessageTooLarge, refused.Code);
        Assert.Null(JsonSerializer.Deserialize(note.Span, CallJson.Default.CallNote)!.Signal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talking);
    }

    [Fact]
    public void An_end_that_signed_no_certificate_takes_no_call()
    {
        var (alice, _) = Pair(bobsFingerprint: []);

        Assert.Equal(ErrorCode.PeerProof, Assert.Throws<ParleyException>(() => new CallTalk(alice, TimeProvider.System)).Code);
    }

    [Fact]
    public async Task A_call_whose_other_end_vanished_is_over()
    {
        await using var stage = new SessionStage(PeerPurpose.Call);
        var talking = new CallTalk(stage.Opener, stage.Time).RunAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken);

        stage.Opener.TakeRefusal(SessionStage.Offline());
        stage.Time.Advance(stage.Options.GoneAfter + TimeSpan.FromSeconds(1));
        stage.Opener.TakeRefusal(SessionStage.Offline());
        var gone = await Assert.ThrowsAsync<ParleyException>(() => talking.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.AgentOffline, gone.Code);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("""{"number":1,"heard":0,"signal":"no JSON","isOver":false}""")]
    [InlineData("""{"number":1,"heard":0,"signal":"{\"candidate\":5}","isOver":false}""")]
    [InlineData("""{"number":1,"heard":0,"signal":"{\"description\":{\"type\":\"offer\"}}","isOver":false}""")]
    public async Task What_no_call_says_ends_it(string note)
    {
        var (alice, bob) = Pair();
        var listening = new CallTalk(bob, TimeProvider.System).RunAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken);

        alice.Say(Encoding.UTF8.GetBytes(note));

        await Assert.ThrowsAsync<ParleyException>(() => listening);
    }

    private static JsonElement Description(byte[] certificate)
    {
        var sdp = $"v=0\r\na=fingerprint:sha-256 {string.Join(':', certificate.Select(static one => one.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)))}\r\n";
        return JsonSerializer.SerializeToElement(new CallSignal { Description = new CallDescription("offer", sdp) }, CallJson.Default.CallSignal);
    }

    private static (NotesSession Alice, NotesSession Bob) Pair(byte[]? bobsFingerprint = null)
    {
        var (alice, bob) = (new NotesSession(bobsFingerprint ?? _bobs, isOpener: true), new NotesSession(_alices, isOpener: false));
        (alice.Other, bob.Other) = (bob, alice);
        return (alice, bob);
    }

    private sealed class NotesSession(byte[] remoteFingerprint, bool isOpener) : IPeerSession, ISealedNotes
    {
        private readonly Channel<ReadOnlyMemory<byte>> _heard = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();

        public NotesSession Other { get; set; } = null!;

        public string Id => "s";

        public AgentAddress Remote { get; } = AgentAddress.Parse("tests.other");

        public PeerPurpose Purpose => PeerPurpose.Call;

        public bool IsOpener => isOpener;

        public PeerTrust Trust => PeerTrust.Pinned;

        public string Phrase => "phrase";

        public ReadOnlyMemory<byte> RemoteDtlsFingerprint => remoteFingerprint;

        public ChannelReader<ReadOnlyMemory<byte>> Heard => _heard.Reader;

        public void Say(ReadOnlyMemory<byte> note) => Other._heard.Writer.TryWrite(note);

        public Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

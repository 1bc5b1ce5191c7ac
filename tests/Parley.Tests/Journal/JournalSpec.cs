using Google.Protobuf;
using Parley.Client.Journal;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Journal;

/// <summary>What every journal promises.</summary>
public abstract class JournalSpec : IAsyncLifetime
{
    private protected FakeTimeProvider Time { get; } = new();

    private protected IJournal Journal { get; set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync()
    {
        Journal = Open();
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_envelope_is_new_once()
    {
        var first = await Journal.ReceiveAsync(Request("a"), false, Stop);
        var second = await Journal.ReceiveAsync(Request("a"), false, Stop);

        Assert.True(first.IsNew);
        Assert.Equal((false, JournalState.Received), (second.IsNew, second.State));
    }

    [Fact]
    public async Task Equal_ids_of_two_senders_are_two_envelopes()
    {
        await Journal.ReceiveAsync(Request("a"), false, Stop);

        var other = await Journal.ReceiveAsync(Request("a", "acme.carol"), false, Stop);

        Assert.True(other.IsNew);
    }

    [Fact]
    public async Task The_way_of_an_envelope_is_known_at_each_step()
    {
        var states = new List<JournalState> { (await Journal.ReceiveAsync(Request("a"), false, Stop)).State };
        var key = new JournalKey("acme.alice", "a");
        await Journal.StartAsync(key, Stop);
        states.Add((await Journal.FindAsync("a", Stop))!.State);
        await Journal.AnswerAsync(key, Request("r"), Stop);
        var answered = (await Journal.FindAsync("a", Stop))!;
        await Journal.FinishAsync(key, Stop);
        var done = (await Journal.FindAsync("a", Stop))!;

        Assert.Equal([JournalState.Received, JournalState.Started], states);
        Assert.Equal((JournalState.Answered, "r"), (answered.State, answered.Reply!.Id));
        Assert.Equal((JournalState.Done, null, null), (done.State, done.Envelope, done.Reply));
    }

    [Fact]
    public async Task An_entry_is_found_by_the_start_of_its_id_when_that_is_clear()
    {
        await Journal.ReceiveAsync(Request("abc1"), false, Stop);
        await Journal.ReceiveAsync(Request("abc2"), false, Stop);

        Assert.Equal("abc2", (await Journal.FindAsync("abc2", Stop))!.Key.Id);
        Assert.Null(await Journal.FindAsync("abc", Stop));
        Assert.Null(await Journal.FindAsync("x", Stop));
    }

    [Fact]
    public async Task Only_what_is_done_and_past_its_time_is_forgotten()
    {
        await Journal.ReceiveAsync(Request("open"), false, Stop);
        await Journal.ReceiveAsync(Request("done"), false, Stop);
        await Journal.FinishAsync(new JournalKey("acme.alice", "done"), Stop);

        var early = await Journal.PruneAsync(Stop);
        Time.Advance(TimeSpan.FromSeconds(2));
        var late = await Journal.PruneAsync(Stop);

        Assert.Equal((0, 1), (early, late));
        Assert.NotNull(await Journal.FindAsync("open", Stop));
        Assert.Null(await Journal.FindAsync("done", Stop));
    }

    private protected abstract IJournal Open();

    private protected static Envelope Request(string id, string from = "acme.alice") => new()
    {
        Id = id,
        From = from,
        Kind = EnvelopeKind.Request,
        TtlMs = 1000,
        Body = ByteString.CopyFromUtf8("body"),
    };
}

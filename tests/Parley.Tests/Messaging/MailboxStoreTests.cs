using Microsoft.Extensions.Logging;
using Google.Protobuf;
using Parley.Hub.Messaging;
using Parley.Hub.Storage;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Messaging;

public sealed class MailboxStoreTests : IAsyncLifetime
{
    private const long Now = 1_000_000;
    private static readonly ReceiptEvent _accepted = new(ReceiptState.Accepted, Now);

    private readonly LogSink _log = new();
    private readonly TempFolder _folder = new();
    private SqliteStore _sqlite = null!;
    private MailboxStore _store = null!;

    public ValueTask InitializeAsync()
    {
        var options = new SqliteStoreOptions { File = _folder.PathOf("parley.db"), Durability = Durability.Normal, Readers = 1 };
        _sqlite = SqliteStore.Open(options, HubSchema.Migrations, _log.Factory.CreateLogger("store"), TimeProvider.System);
        _store = new MailboxStore(_sqlite);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _sqlite.DisposeAsync();
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task An_envelope_comes_out_as_it_went_in()
    {
        var envelope = Request("a");

        var row = await _store.InsertAsync(envelope, false, Now + 1000, [_accepted]);
        var found = Assert.Single(await NextAsync(0));

        Assert.Equal(row, found.Row);
        Assert.Equal(Now + 1000, found.ExpiresAtMs);
        Assert.Equal(envelope, found.Envelope);
    }

    [Fact]
    public async Task An_id_that_is_or_was_there_is_not_stored_again()
    {
        var row = await _store.InsertAsync(Request("a"), false, Now + 1000, [_accepted]);
        var during = await _store.InsertAsync(Request("a"), false, Now + 1000, [_accepted]);
        await _store.DeleteAsync(row, "acme.alice", "a", "acme.bob", new ReceiptEvent(ReceiptState.Delivered, Now), Now + 1000);
        var after = await _store.InsertAsync(Request("a"), false, Now + 1000, [_accepted]);

        Assert.Equal((0L, 0L), (during, after));
        Assert.Empty(await NextAsync(0));
    }

    [Fact]
    public async Task Requests_come_in_order_after_a_row_and_not_beyond_the_bytes()
    {
        var rows = new List<long>();
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            rows.Add(await _store.InsertAsync(Request(id), false, Now + 1000, [_accepted]));
        }

        var all = await NextAsync(rows[0]);
        var one = await _store.NextAsync("acme.bob", 0, 10, 1, Now);

        Assert.Equal(["b", "c", "d"], all.Select(item => item.Envelope.Id));
        Assert.Equal(["a"], one.Select(item => item.Envelope.Id));
    }

    [Fact]
    public async Task What_waits_for_a_contact_comes_out_when_the_sender_is_accepted()
    {
        await _store.InsertAsync(Request("a"), true, Now + 1000, [_accepted]);

        var before = await NextAsync(0);
        var nobody = await _store.ReleaseHeldAsync((_, _) => false);
        var receivers = await _store.ReleaseHeldAsync((sender, receiver) => sender == "acme.alice" && receiver == "acme.bob");

        Assert.Empty(before);
        Assert.Empty(nobody);
        Assert.Equal(["acme.bob"], receivers);
        Assert.Single(await NextAsync(0));
    }

    [Fact]
    public async Task Replies_are_found_by_what_they_answer_and_are_no_requests()
    {
        var reply = Request("r");
        reply.Kind = EnvelopeKind.Reply;
        reply.Correlation = "q";
        await _store.InsertAsync(reply, false, Now + 1000, [_accepted]);

        Assert.Empty(await NextAsync(0));
        Assert.Single(await _store.RepliesAsync("acme.bob", "q", 0, 10, 1000, Now));
        Assert.Empty(await _store.RepliesAsync("acme.bob", "x", 0, 10, 1000, Now));
        Assert.Empty(await _store.RepliesAsync("acme.alice", "q", 0, 10, 1000, Now));
    }

    [Fact]
    public async Task What_is_due_expires_unless_it_is_in_hand()
    {
        var held = await _store.InsertAsync(Request("a"), false, Now - 1, [_accepted]);
        await _store.InsertAsync(Request("b"), false, Now - 1, [_accepted]);
        await _store.InsertAsync(Request("c"), false, Now + 1, [_accepted]);
        var expired = new ReceiptEvent(ReceiptState.Expired, Now, "message.expired");

        var isDue = await _store.IsAnythingDueAsync(Now);
        var gone = await _store.ExpireAsync(Now, (_, row) => row != held, expired, Now + 5000);

        Assert.True(isDue);
        Assert.Equal("b", Assert.Single(gone).Id);
        Assert.Equal(["a", "c"], (await _store.LoadHeadsAsync()).Select(head => head.Id));
        Assert.Contains(await _store.ReceiptsAsync("acme.alice", "b"), receipt => receipt.State == ReceiptState.Expired && receipt.Code == "message.expired");
    }

    [Fact]
    public async Task What_is_due_expires_however_much_before_it_is_in_hand()
    {
        var first = await _store.InsertAsync(Request("0"), false, Now - 2, [_accepted]);
        await Task.WhenAll(Enumerable.Range(1, 1000).Select(number => _store.InsertAsync(Request($"{number}"), false, Now - 2, [_accepted])));
        var free = await _store.InsertAsync(Request("free"), false, Now - 1, [_accepted]);

        var gone = await _store.ExpireAsync(Now, (_, row) => row == free, new ReceiptEvent(ReceiptState.Expired, Now), Now + 5000);

        Assert.Equal(first + 1001, free);
        Assert.Equal("free", Assert.Single(gone).Id);
    }

    [Fact]
    public async Task A_withdrawn_envelope_is_gone_and_says_so()
    {
        await _store.InsertAsync(Request("a"), false, Now + 1000, [_accepted]);
        var withdrawn = new ReceiptEvent(ReceiptState.Failed, Now, "canceled");

        var inHand = await _store.TakeAsync("acme.alice", "a", withdrawn, Now + 1000, (_, _) => false);
        var taken = await _store.TakeAsync("acme.alice", "a", withdrawn, Now + 1000, (_, _) => true);
        var again = await _store.TakeAsync("acme.alice", "a", withdrawn, Now + 1000, (_, _) => true);

        Assert.Null(inHand);
        Assert.Equal("a", taken!.Id);
        Assert.Null(again);
    }

    [Fact]
    public async Task An_inbox_lists_what_lies_there_without_content()
    {
        await _store.InsertAsync(Request("a"), true, Now + 1000, [_accepted]);

        var item = Assert.Single((await _store.ListAsync("acme.bob", 10, 0)).Items);

        Assert.Equal(("acme.alice", "a", true, 4, "t"), (item.From, item.Id, item.IsHeld, item.Size, item.Thread));
        Assert.Equal((Now, Now + 1000), (item.AcceptedAtMs, item.ExpiresAtMs));
    }

    private static Envelope Request(string id) => new()
    {
        Id = id,
        From = "acme.alice",
        To = "acme.bob",
        Kind = EnvelopeKind.Request,
        Thread = "t",
        AcceptedAtMs = Now,
        Body = ByteString.CopyFromUtf8("body"),
    };

    private Task<IReadOnlyList<StoredEnvelope>> NextAsync(long after) => _store.NextAsync("acme.bob", after, 10, 1_000_000, Now);
}

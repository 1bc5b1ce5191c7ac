using System.Text;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.AgentApi.Tasks.Answers;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.Identity;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Testing;

namespace Parley.Tests.Tasks;

public sealed class TaskRulesTests
{
    private const int Seed = 75_000;

    private static readonly AgentAddress _bob = new("acme", "bob");
    private static readonly IReadOnlySet<string> _noExtensions = new HashSet<string>();

    [Fact]
    public void Keys_of_an_owner_share_its_tasks_and_nobody_else_does()
    {
        var one = TaskOwner.Of(new Principal(Parley.Hub.Identity.Role.Member, "acme", null, ApiScopes.Default, "k1"));
        var two = TaskOwner.Of(new Principal(Parley.Hub.Identity.Role.Admin, "acme", null, ApiScopes.Admin, "k2"));
        var agent = TaskOwner.Of(Principal.Of(_bob));
        var admin = TaskOwner.Of(Principal.Admin);

        Assert.Equal(one, two);
        Assert.Equal(3, new HashSet<TaskOwner> { one, agent, admin }.Count);
        Assert.Equal(ErrorCode.Unauthenticated, Assert.Throws<ParleyException>(() => TaskOwner.Of(Principal.Guest)).Code);
    }

    [Fact]
    public void An_envelope_s_id_is_the_same_for_the_same_send_and_another_for_any_other()
    {
        var owner = new TaskOwner("acme");
        string[] ids =
        [
            SendKey.Of(owner, _bob, "m").ToEnvelopeId(), SendKey.Of(owner, _bob, "m2").ToEnvelopeId(), SendKey.Of(new TaskOwner("acm"), _bob, "m").ToEnvelopeId(),
            SendKey.Of(owner, new AgentAddress("acme", "bobm"), "").ToEnvelopeId(), SendKey.Of(owner, _bob, "").ToEnvelopeId(),
        ];

        Assert.Equal(ids[0], SendKey.Of(owner, _bob, "m").ToEnvelopeId());
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => EnvelopeId.Parse(id));
    }

    [Theory]
    [InlineData("ctx-1", "ctx-1")]
    [InlineData("chat-0123", null)]
    [InlineData("with space", null)]
    public void A_context_is_a_thread_that_nobody_else_uses(string context, string? expected)
    {
        var thread = SendKey.ThreadOf(context);

        Assert.Equal(expected ?? thread, thread);
        Assert.False(ChatThread.Is(thread));
        EnvelopeId.Parse(thread);
    }

    [Fact]
    public void The_order_of_free_members_does_not_make_another_message()
    {
        var one = new Struct { Fields = { ["a"] = Value.ForNumber(1), ["b"] = Value.ForStruct(new Struct { Fields = { ["x"] = Value.ForBool(true), ["y"] = Value.ForNull() } }) } };
        var two = new Struct { Fields = { ["b"] = Value.ForStruct(new Struct { Fields = { ["y"] = Value.ForNull(), ["x"] = Value.ForBool(true) } }), ["a"] = Value.ForNumber(1) } };

        Assert.Equal(SendKey.ContentHash(Request(one)), SendKey.ContentHash(Request(two)));
        two.Fields["a"] = Value.ForNumber(2);
        Assert.NotEqual(SendKey.ContentHash(Request(one)), SendKey.ContentHash(Request(two)));
    }

    [Fact]
    public void Text_and_files_need_no_words_of_A2A_and_the_rest_does()
    {
        var plain = new SendMessageRequest { Message = new Message { MessageId = "m", Parts = { new Part { Text = "hi" }, new Part { Raw = Google.Protobuf.ByteString.CopyFromUtf8("x"), Filename = "f", MediaType = "a/b" } } } };
        var rich = new SendMessageRequest
        {
            Message = new Message
            {
                MessageId = "m",
                Parts = { new Part { Text = "one" }, new Part { Text = "two" } },
                Metadata = new Struct { Fields = { ["lang"] = Value.ForString("de"), ["deep"] = Value.ForStruct(new Struct { Fields = { ["n"] = Value.ForNumber(1) } }) } },
            },
        };

        var (small, large) = (AgentMessage.Of(plain, "t", new Dictionary<string, string>()), AgentMessage.Of(rich, "t", new Dictionary<string, string> { ["channel"] = "x" }));

        Assert.Equal(("hi", "f", "a/b", true, "t"), (small.Content.ToStringUtf8(), small.Files[0].Name, small.Files[0].MediaType, small.A2A.IsEmpty, small.Task));
        Assert.Equal(("one\ntwo", "de", "{\"n\":1}", "x"), (large.Content.ToStringUtf8(), large.Meta["lang"], large.Meta["deep"], large.Meta["channel"]));
        Assert.Equal(rich.Message, Message.Parser.ParseFrom(large.A2A));
    }

    [Fact]
    public void A_page_token_is_good_for_its_list_alone()
    {
        var list = List("acme");
        var token = new TaskCursor(1_700_000_000_000, 42).ToText(list);

        Assert.Equal(new TaskCursor(1_700_000_000_000, 42), TaskCursor.Parse(token, list));
        foreach (var other in new[] { List("evil"), List("acme") with { Context = "c" }, List("acme") with { State = TaskState.Working }, List("acme") with { AfterMs = 1 } })
        {
            Assert.Equal("pageToken", Assert.Throws<ParleyException>(() => TaskCursor.Parse(token, other)).Field);
        }
    }

    [Fact]
    public void Garbage_is_no_page_token() => Fuzz.Run(Seed, Fuzz.Count, random => Fuzz.Mutate(random, Encoding.ASCII.GetBytes(new TaskCursor(1_700_000_000_000, random.Next()).ToText(List("acme")))), bytes =>
    {
        var text = Encoding.Latin1.GetString(bytes);

        var refusal = Record.Exception(() => TaskCursor.Parse(text, List("acme")));

        Assert.True(refusal is ParleyException { Code: ErrorCode.InvalidArgument } || (refusal is null && TaskCursor.Parse(text, List("acme")).ToText(List("acme")) == text));
    });

    [Theory]
    [InlineData("", "", true)]
    [InlineData("text/plain", "", true)]
    [InlineData("image/*", "image/png", true)]
    [InlineData("*/*", "image/png", true)]
    [InlineData("text/plain", "image/png", false)]
    [InlineData("TEXT/Plain", "text/plain; charset=utf-8", true)]
    public void The_card_says_which_content_is_taken(string mode, string type, bool isTaken)
    {
        var card = new AgentCard();
        if (mode.Length > 0)
        {
            card.DefaultInputModes.Add(mode);
        }

        var refusal = Record.Exception(() => CardRules.CheckMessage(card, new Message { Parts = { new Part { Text = "x", MediaType = type } } }, _noExtensions));

        Assert.Equal(isTaken ? null : ErrorCode.ContentTypeNotSupported, (refusal as ParleyException)?.Code);
    }

    [Fact]
    public void What_a_card_does_not_declare_is_refused_by_its_own_error()
    {
        var card = new AgentCard { Capabilities = new AgentCapabilities { Extensions = { new AgentExtension { Uri = "urn:x", Required = true } } } };

        Assert.Equal(ErrorCode.OperationNotSupported, Assert.Throws<ParleyException>(() => CardRules.CheckStreaming(card)).Code);
        Assert.Equal(ErrorCode.PushNotSupported, Assert.Throws<ParleyException>(() => CardRules.CheckPush(card)).Code);
        Assert.Equal(ErrorCode.OperationNotSupported, Assert.Throws<ParleyException>(() => CardRules.CheckExtended(card)).Code);
        Assert.Equal(ErrorCode.ExtensionRequired, Assert.Throws<ParleyException>(() => CardRules.CheckMessage(card, new Message(), _noExtensions)).Code);
        CardRules.CheckMessage(card, new Message(), new HashSet<string> { "urn:x" });
    }

    [Fact]
    public void Waits_between_attempts_grow_to_five_minutes_and_heed_a_wish()
    {
        var waits = Enumerable.Range(1, 30).Select(attempt => PushBackoff.After(attempt, null, SeededRandom.Source(attempt))).ToList();

        Assert.InRange(waits[0], TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(5)));
        Assert.InRange(waits[^1], TimeSpan.FromMinutes(2.5), TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(20), PushBackoff.After(1, TimeSpan.FromMinutes(20), SeededRandom.Source(1)));
        Assert.Equal(TimeSpan.FromHours(1), PushBackoff.After(1, TimeSpan.FromDays(3), SeededRandom.Source(1)));
    }

    [Theory]
    [InlineData("Bearer\r\nX: y", "")]
    [InlineData("Bearer", "a\nb")]
    public void A_push_config_cannot_smuggle_headers(string scheme, string credentials)
    {
        var config = new TaskPushNotificationConfig { Url = "https://example.com/", Authentication = new AuthenticationInfo { Scheme = scheme, Credentials = credentials } };

        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => PushConfigs.Check(config, new OutboundPolicy(new AddressPolicy(OutboundAllowList.None)))).Code);
    }

    private static TaskQuery List(string owner) => new(new TaskOwner(owner), _bob, string.Empty, TaskState.Unspecified, 0, 50, null, null, false);

    private static SendMessageRequest Request(Struct metadata) => new() { Message = new Message { MessageId = "m", Parts = { new Part { Text = "x" } }, Metadata = metadata } };
}

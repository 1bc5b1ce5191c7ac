using System.Text;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Conversations;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Tests.OpenAi;

public sealed class ConversationMessageTests
{
    private static readonly byte[] _calls = "[{}]"u8.ToArray();

    [Fact]
    public void A_carried_conversation_is_history_and_the_last_thing_said()
    {
        var message = Build(true, new(ModelRole.System, "rules"), new(ModelRole.User, "a"), new(ModelRole.Agent, "b"), new(ModelRole.User, "c"));

        Assert.True(message.HasHistory);
        Assert.Equal("c", message.Content.ToStringUtf8());
        Assert.Equal([("system", "rules"), ("user", "a"), ("agent", "b")], message.History.Select(turn => (turn.Role, turn.Text)));
    }

    [Fact]
    public void A_carried_conversation_of_one_message_has_an_empty_history()
    {
        var message = Build(true, new ModelTurn(ModelRole.User, "a"));

        Assert.True(message.HasHistory);
        Assert.Empty(message.History);
    }

    [Fact]
    public void System_messages_that_follow_are_history_all_the_same()
    {
        var message = Build(true, new(ModelRole.User, "a"), new(ModelRole.System, "rules"));

        Assert.Equal("a", message.Content.ToStringUtf8());
        Assert.Equal("rules", Assert.Single(message.History).Text);
    }

    [Fact]
    public void Results_of_tools_are_in_the_history_with_their_calls_and_the_content_repeats_them()
    {
        var message = Build(
            true,
            new(ModelRole.User, "a"),
            new(ModelRole.Agent, "") { ToolCalls = _calls },
            new(ModelRole.Tool, "1") { ToolCall = "c1" },
            new(ModelRole.Tool, "2") { ToolCall = "c2" });

        Assert.Equal("1\n\n2", message.Content.ToStringUtf8());
        Assert.Equal([("user", ""), ("agent", ""), ("tool", "c1"), ("tool", "c2")], message.History.Select(turn => (turn.Role, turn.ToolCall)));
        Assert.Equal("[{}]", message.History[1].ToolCalls.ToStringUtf8());
    }

    [Fact]
    public void On_a_thread_only_what_is_new_is_told()
    {
        var message = Build(false, new(ModelRole.System, "rules"), new(ModelRole.User, "a"), new(ModelRole.User, "b"));

        Assert.False(message.HasHistory);
        Assert.Empty(message.History);
        Assert.Equal("rules\n\na\n\nb", message.Content.ToStringUtf8());
    }

    [Fact]
    public void Results_of_tools_on_a_thread_are_told_turn_by_turn_beside_the_content()
    {
        var message = Build(false, new(ModelRole.System, "rules"), new(ModelRole.Tool, "1") { ToolCall = "c1" }, new(ModelRole.User, "and?"));

        Assert.False(message.HasHistory);
        Assert.Equal("rules\n\n1\n\nand?", message.Content.ToStringUtf8());
        Assert.Equal([("system", ""), ("tool", "c1"), ("user", "")], message.History.Select(turn => (turn.Role, turn.ToolCall)));
    }

    [Fact]
    public void Addresses_of_pictures_stand_in_the_text_and_as_parts()
    {
        var (old, now) = (new ModelLink("https://a.example/1", "image/*"), new ModelLink("https://a.example/2", ""));
        var message = Build(true, new ModelTurn(ModelRole.User, "one") { Links = [old] }, new(ModelRole.Agent, "b"), new ModelTurn(ModelRole.User, "two") { Links = [now] });

        var parts = Gateway.Wire.V1.Message.Parser.ParseFrom(message.A2A).Parts;
        Assert.Equal(["two", "", ""], parts.Select(part => part.Text));
        Assert.Equal([("https://a.example/2", ""), ("https://a.example/1", "image/*")], parts.Skip(1).Select(part => (part.Url, part.MediaType)));
    }

    [Fact]
    public void Files_of_earlier_messages_go_along_and_their_turn_names_them()
    {
        var file = new ModelFile("a.png", "image/png", new byte[] { 1 });
        var message = Build(true, new ModelTurn(ModelRole.User, "look") { Files = [file] }, new(ModelRole.Agent, "nice"), new(ModelRole.User, "more"));

        Assert.Equal("look\nAttached file: a.png", message.History[0].Text);
        Assert.Equal(("a.png", "image/png"), (message.Files[0].Name, message.Files[0].MediaType));
    }

    [Fact]
    public void A_conversation_that_the_agent_has_ended_has_nothing_to_answer()
    {
        var refusal = Assert.Throws<ParleyException>(() => Build(true, new(ModelRole.User, "a"), new(ModelRole.Agent, "b")));

        Assert.Equal(("messages", ErrorCode.InvalidArgument), (refusal.Field, refusal.Code));
    }

    [Fact]
    public void More_than_a_message_holds_is_refused()
    {
        var file = new ModelFile("a", "", new byte[17 * 1024 * 1024]);

        Assert.Equal(ErrorCode.MessageTooLarge, Assert.Throws<ParleyException>(() => Build(true, new ModelTurn(ModelRole.User, "a") { Files = [file] })).Code);
    }

    [Fact]
    public void Transcripts_are_equal_only_when_every_turn_is()
    {
        ModelTurn[] turns = [new(ModelRole.User, "ab"), new(ModelRole.Agent, "c")];

        Assert.Equal(Transcript.Hash(turns), Transcript.Hash([new(ModelRole.User, "ab"), new(ModelRole.Agent, "c")]));
        Assert.NotEqual(Transcript.Hash(turns), Transcript.Hash([new(ModelRole.User, "a"), new(ModelRole.Agent, "bc")]));
        Assert.NotEqual(Transcript.Hash(turns), Transcript.Hash([new(ModelRole.System, "ab"), new(ModelRole.Agent, "c")]));
    }

    private static Message Build(bool isCarried, params ModelTurn[] turns) => ConversationMessage.Build(new ModelRequest("m", turns), isCarried, TimeSpan.FromSeconds(1));
}

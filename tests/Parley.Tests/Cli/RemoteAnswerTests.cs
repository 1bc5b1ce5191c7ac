using Parley.Cli.A2a.Remote;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Tests.Cli;

public sealed class RemoteAnswerTests
{
    [Fact]
    public void Chunks_are_new_text_and_a_snapshot_adds_only_what_was_missed()
    {
        var answer = new RemoteAnswer();

        var texts = new[] { Chunk("one ", append: false), Chunk("two ", append: true), Snapshot("one two three"), Chunk("!", append: true), Snapshot("one two three!") }.Select(answer.Take).ToList();

        Assert.Equal(["one ", "two ", "three", "!", ""], texts);
        Assert.Equal("t-1", answer.TaskId);
    }

    [Fact]
    public void An_artifact_that_is_replaced_is_told_whole()
    {
        var answer = new RemoteAnswer();
        answer.Take(Chunk("draft", append: false));

        Assert.Equal("\nfinal", answer.Take(Chunk("final", append: false)));
    }

    [Fact]
    public void Several_artifacts_are_kept_apart()
    {
        var answer = new RemoteAnswer();

        Assert.Equal("ab", answer.Take(Chunk("a", append: false, id: "1")) + answer.Take(Chunk("b", append: true, id: "2")));
        Assert.Equal(2, answer.Artifacts.Count);
    }

    [Theory]
    [InlineData("a2a:https://h.example/x", "https://h.example/x")]
    [InlineData("a2a:h.example/x", "https://h.example/x")]
    [InlineData("A2A://h.example", "https://h.example/")]
    [InlineData("a2a:http://127.0.0.1:7420/agents/b", "http://127.0.0.1:7420/agents/b")]
    public void An_address_is_read_as_typed(string target, string address) => Assert.Equal(address, RemoteTarget.Parse(target).ToString());

    [Theory]
    [InlineData("a2a:h.example", true)]
    [InlineData("HTTPS://h.example/x", true)]
    [InlineData("http://127.0.0.1:1/", true)]
    [InlineData("agent-b", false)]
    [InlineData("http", false)]
    [InlineData("alice.http", false)]
    public void A_web_address_is_a_remote_agent_and_a_name_is_not(string target, bool isRemote) => Assert.Equal(isRemote, RemoteTarget.Is(target));

    [Theory]
    [InlineData("a2a:")]
    [InlineData("a2a:ftp://h.example")]
    [InlineData("a2a:https://user:secret@h.example")]
    public void What_is_no_address_is_a_usage_error(string target) => Assert.Equal(2, Assert.Throws<ParleyException>(() => RemoteTarget.Parse(target)).Row.Exit);

    [Theory]
    [InlineData("{\"a\":1}", true)]
    [InlineData("[1,null]", true)]
    [InlineData("17", true)]
    [InlineData("1,\"text\":\"x\"", false)]
    [InlineData("nonsense", false)]
    public void Data_is_one_json_value(string data, bool isGood)
    {
        var message = new RemoteMessage("m", null) { Data = data };

        Assert.Equal(isGood, Record.Exception(() => message.ToRequest()) is null);
    }

    private static StreamResponse Chunk(string text, bool append, string id = "1") =>
        new() { ArtifactUpdate = new TaskArtifactUpdateEvent { TaskId = "t-1", Append = append, Artifact = Make(text, id) } };

    private static StreamResponse Snapshot(string text) => new() { Task = new Parley.Gateway.Wire.V1.Task { Id = "t-1", Artifacts = { Make(text, "1") } } };

    private static Artifact Make(string text, string id) => new() { ArtifactId = id, Parts = { new Part { Text = text } } };
}

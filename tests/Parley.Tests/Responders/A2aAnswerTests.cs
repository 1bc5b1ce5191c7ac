using System.Text;
using Parley.Client.Responders;
using Parley.Client.Responders.Events;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using A2aTask = Parley.Gateway.Wire.V1.Task;
using Part = Parley.Protocol.Wire.Part;

namespace Parley.Tests.Responders;

public sealed class A2aAnswerTests
{
    [Fact]
    public void An_answer_of_text_and_whole_files_needs_no_task()
    {
        var (reply, events) = Answer("""{"type":"status","state":"working","text":"x"}""", """{"type":"message","text":"hi"}""", """{"type":"artifact","name":"f","text":"1"}""", """{"type":"done"}""");

        Assert.True(reply.A2A.IsEmpty);
        Assert.Empty(events);
        Assert.Equal(("hi", "f"), (reply.Content.ToStringUtf8(), reply.Files.Single().Name));
    }

    [Fact]
    public void An_artifact_of_several_parts_is_told_and_stands_in_the_task_and_in_the_files()
    {
        var (reply, events) = Answer(
            """{"type":"artifact","id":"a1","name":"report","description":"All of it","metadata":{"k":1},"extensions":["urn:x"],"parts":[{"text":"T"},{"base64":"AAE=","name":"b.bin","media_type":"a/b"},{"url":"https://x/y","media_type":"text/html"},{"data":{"n":[1,null]}}]}""");

        Assert.Equal("""{"artifactUpdate":{"artifact":{"artifactId":"a1","name":"report","description":"All of it","parts":[{"text":"T"},{"raw":"AAE=","filename":"b.bin","mediaType":"a/b"},{"url":"https://x/y","mediaType":"text/html"},{"data":{"n":[1,null]}}],"metadata":{"k":1},"extensions":["urn:x"]},"lastChunk":true}}""", Json(events.Single()));
        Assert.Equal(events.Single().ArtifactUpdate.Artifact, TaskOf(reply).Artifacts.Single());
        Assert.Equal(["report:T", "b.bin:\0\u0001", "report.uri:https://x/y\r\n", "report.json:{\"n\":[1,null]}"], reply.Files.Select(file => $"{file.Name}:{file.Content.ToStringUtf8()}"));
    }

    [Fact]
    public void Chunks_of_an_artifact_are_told_one_by_one_and_put_together_in_the_task()
    {
        var (reply, events) = Answer(
            """{"type":"artifact","name":"log.txt","text":"a","append":true,"last":false}""",
            """{"type":"artifact","name":"log.txt","text":"b","append":true,"last":false}""",
            """{"type":"artifact","name":"log.txt","text":"c","append":true}""");

        Assert.Equal([(false, false), (true, false), (true, true)], events.Select(told => (told.ArtifactUpdate.Append, told.ArtifactUpdate.LastChunk)));
        Assert.Equal("abc", TaskOf(reply).Artifacts.Single().Parts.Single().Text);
        Assert.Equal("abc", reply.Files.Single().Content.ToStringUtf8());
    }

    [Fact]
    public void An_artifact_that_begins_again_replaces_the_one_before()
    {
        var (reply, _) = Answer("""{"type":"artifact","id":"x","parts":[{"text":"old"},{"text":"er"}]}""", """{"type":"artifact","id":"x","parts":[{"text":"new"}]}""");

        Assert.Equal("new", TaskOf(reply).Artifacts.Single().Parts.Single().Text);
    }

    [Fact]
    public void The_text_of_a_message_of_parts_is_the_answer_and_the_rest_an_artifact()
    {
        var (reply, events) = Answer("""{"type":"message","parts":[{"text":"See"},{"data":{"n":2}},{"text":"there"}]}""");

        Assert.Equal("See\nthere", reply.Content.ToStringUtf8());
        Assert.Equal(("message-1", 2), (events.Single().ArtifactUpdate.Artifact.ArtifactId, (int)TaskOf(reply).Artifacts.Single().Parts.Single().Data.StructValue.Fields["n"].NumberValue));
    }

    [Fact]
    public void Progress_with_metadata_is_a_status_of_A2A()
    {
        var (_, events) = Answer("""{"type":"status","state":"working","text":"half","metadata":{"percent":50}}""");

        var told = events.Single().StatusUpdate;
        Assert.Equal((TaskState.Working, "half", 50), (told.Status.State, told.Status.Message.Parts.Single().Text, (int)told.Metadata.Fields["percent"].NumberValue));
    }

    [Fact]
    public void A_wait_for_authorisation_is_told_at_once_and_so_is_its_end()
    {
        var (reply, events) = Answer(
            """{"type":"auth_required","text":"Log in at https://x","metadata":{"scheme":"oauth2"}}""", """{"type":"status","state":"working"}""", """{"type":"message","text":"Done."}""", """{"type":"done"}""");

        Assert.Equal([TaskState.AuthRequired, TaskState.Working], events.Select(told => told.StatusUpdate.Status.State));
        Assert.Equal((ReplyState.Completed, "Done."), (reply.State, reply.Content.ToStringUtf8()));
        Assert.Null(TaskOf(reply).Status.Message);
    }

    [Theory]
    [InlineData("input-required", ReplyState.InputRequired, TaskState.InputRequired)]
    [InlineData("auth-required", ReplyState.AuthRequired, TaskState.AuthRequired)]
    [InlineData("rejected", ReplyState.Rejected, TaskState.Rejected)]
    public void A_question_with_data_is_the_status_s_message_and_the_answer(string state, ReplyState expected, TaskState task)
    {
        var (reply, _) = Answer($$"""{"type":"status","state":"{{state}}","text":"Which?","parts":[{"data":["a","b"]}]}""", """{"type":"done"}""");

        Assert.Equal((expected, "Which?"), (reply.State, reply.Content.ToStringUtf8()));
        var status = TaskOf(reply).Status;
        Assert.Equal((task, Role.Agent, "Which?", 2), (status.State, status.Message.Role, status.Message.Parts[0].Text, status.Message.Parts[1].Data.ListValue.Values.Count));
        Assert.StartsWith("m1-", status.Message.MessageId);
    }

    [Fact]
    public void A_failure_has_the_responder_s_own_code()
    {
        var (reply, _) = Answer("""{"type":"error","message":"No quota left.","code":"quota","metadata":{"resets":"noon"}}""", """{"type":"done"}""");

        Assert.Equal((ReplyState.Failed, "responder.failed", "No quota left.", "quota", "quota"), (reply.State, reply.ErrorCode, reply.ErrorMessage, reply.Meta["failure_code"], reply.Meta["code"]));
        var task = TaskOf(reply);
        Assert.Equal((TaskState.Failed, "No quota left.", "quota"), (task.Status.State, task.Status.Message.Parts.Single().Text, task.Metadata.Fields["code"].StringValue));
        Assert.Equal("noon", task.Status.Message.Metadata.Fields["resets"].StringValue);
    }

    [Theory]
    [InlineData("failed", ReplyState.Failed)]
    [InlineData("canceled", ReplyState.Canceled)]
    [InlineData("completed", ReplyState.Completed)]
    public void A_terminal_state_is_the_end(string state, ReplyState expected)
    {
        var (reply, _) = Answer($$"""{"type":"status","state":"{{state}}","text":"So."}""", """{"type":"message","text":"never"}""");

        Assert.Equal((expected, 0), (reply.State, reply.Content.Length));
    }

    [Fact]
    public void Metadata_of_the_answer_stands_in_the_task_and_its_plain_values_beside_the_reply()
    {
        var (reply, _) = Answer("""{"type":"usage","model":"m"}""", """{"type":"done","metadata":{"channel":"x","n":1.5,"ok":true,"deep":{"a":1},"model":"other"}}""");

        Assert.Equal(5, TaskOf(reply).Metadata.Fields.Count);
        Assert.Equal(("x", "1.5", "true", "m", false), (reply.Meta["channel"], reply.Meta["n"], reply.Meta["ok"], reply.Meta["model"], reply.Meta.ContainsKey("deep")));
    }

    [Fact]
    public void A_piece_too_large_for_the_link_is_in_the_reply_alone_and_so_is_the_rest_of_its_artifact()
    {
        var (reply, events) = Answer(
            $$"""{"type":"artifact","id":"big","parts":[{"text":"{{new string('x', TaskAnswer.MaxEventBytes)}}"}],"last":false}""",
            """{"type":"artifact","id":"big","parts":[{"text":"y"}],"append":true}""",
            """{"type":"artifact","id":"small","parts":[{"text":"z"}]}""");

        Assert.Equal("small", events.Single().ArtifactUpdate.Artifact.ArtifactId);
        Assert.Equal([TaskAnswer.MaxEventBytes + 1, 1], TaskOf(reply).Artifacts.Select(artifact => artifact.Parts.Single().Text.Length));
    }

    [Fact]
    public void An_artifact_beyond_the_limit_is_left_out_whole()
    {
        var assembler = new ReplyAssembler(new AnswerLimits(MaxFileBytes: 10));
        assembler.Add(Read("""{"type":"artifact","id":"a","parts":[{"text":"12345"}],"last":false}"""));
        assembler.Add(Read("""{"type":"artifact","id":"a","parts":[{"text":"678901"}],"append":true}"""));
        assembler.Add(Read("""{"type":"artifact","id":"b","parts":[{"text":"1"}]}"""));

        var reply = assembler.ToReply();

        Assert.Equal((1, "1", true), (TaskOf(reply).Artifacts.Count, reply.Meta["files_left_out"], reply.Truncated));
    }

    [Theory]
    [InlineData("""{"type":"message","parts":[]}""", "without")]
    [InlineData("""{"type":"message","parts":{}}""", "not a list")]
    [InlineData("""{"type":"message","parts":[5]}""", "a part that is none")]
    [InlineData("""{"type":"message","parts":[{}]}""", "a part without")]
    [InlineData("""{"type":"message","parts":[{"text":"a","url":"b"}]}""", "a part that is none")]
    [InlineData("""{"type":"artifact","id":"a"}""", "an artifact without")]
    [InlineData("""{"type":"artifact","id":"a","metadata":[]}""", "metadata that is not an object")]
    [InlineData("""{"type":"artifact","id":"a","text":"x","extensions":[{}]}""", "wrong kind")]
    public void Parts_that_are_none_are_refused(string line, string message)
    {
        var refusal = Assert.Throws<ParleyException>(() => Read(line));

        Assert.Contains(message, refusal.Message);
    }

    [Fact]
    public void Data_nested_too_deeply_is_refused()
    {
        var deep = new StringBuilder().Insert(0, "[", 30).Append(']', 30);

        Assert.Throws<ParleyException>(() => Read($$"""{"type":"message","parts":[{"data":{{deep}}}]}"""));
    }

    private static (Reply Reply, IReadOnlyList<StreamResponse> Events) Answer(params string[] lines)
    {
        var assembler = new ReplyAssembler(new AnswerLimits(), "m1");
        var parts = lines.SelectMany(line => assembler.Add(Read(line))).Where(part => part.Stream == PartStream.Event).ToList();
        CheckOffsets(parts);
        return (assembler.ToReply(), [.. parts.Select(part => StreamResponse.Parser.ParseFrom(part.Data))]);
    }

    private static void CheckOffsets(List<Part> parts)
    {
        ulong offset = 0;
        foreach (var part in parts)
        {
            Assert.Equal(offset, part.Offset);
            offset += (ulong)part.Data.Length;
        }
    }

    private static ResponderEvent Read(string line) => EventLine.Read(Encoding.UTF8.GetBytes(line), 1)!;

    private static A2aTask TaskOf(Reply reply) => A2aTask.Parser.ParseFrom(reply.A2A);

    private static string Json(StreamResponse response) => Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(response).Span);
}

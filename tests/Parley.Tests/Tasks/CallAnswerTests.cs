using Google.Protobuf;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Tasks.Answers;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using Message = Parley.Gateway.Wire.V1.Message;
using Part = Parley.Gateway.Wire.V1.Part;

namespace Parley.Tests.Tasks;

public sealed class CallAnswerTests
{
    private const int Seed = 74_000;

    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    private readonly AgentTask _task = NewTask();
    private readonly List<StreamResponse> _told = [];
    private CallAnswer _answer;
    private int _ids;

    public CallAnswerTests() => _answer = Begin(_task);

    [Theory]
    [InlineData(ReplyState.Unspecified, TaskState.Completed)]
    [InlineData(ReplyState.Completed, TaskState.Completed)]
    [InlineData(ReplyState.Failed, TaskState.Failed)]
    [InlineData(ReplyState.Canceled, TaskState.Canceled)]
    [InlineData(ReplyState.InputRequired, TaskState.InputRequired)]
    [InlineData(ReplyState.AuthRequired, TaskState.AuthRequired)]
    [InlineData(ReplyState.Rejected, TaskState.Rejected)]
    [InlineData(ReplyState.Interrupted, TaskState.Failed)]
    public void The_reply_decides_the_state(ReplyState said, TaskState expected)
    {
        Take(new AgentCallEvent.Delivered(), new AgentCallEvent.Replied(new Reply { State = said }));

        Assert.Equal(expected, _task.State);
    }

    [Fact]
    public void Pieces_that_come_together_are_told_together()
    {
        Take(Delta("one"), Delta("two"), Delta("three"));

        Assert.Equal(["onetwothree"], Chunks());
        Assert.Equal(TaskState.Working, _task.State);
    }

    [Theory]
    [InlineData(false, 40, TaskState.Completed)]
    [InlineData(false, 600, TaskState.Working)]
    [InlineData(true, 40, TaskState.Completed)]
    [InlineData(true, 600, TaskState.Working)]
    public void A_reply_whose_text_has_no_room_is_not_taken_and_the_task_may_still_fail(bool isRest, int length, TaskState expected)
    {
        AgentCallEvent[] events = [new AgentCallEvent.Delivered(), new AgentCallEvent.Delta(new string('x', length), isRest), new AgentCallEvent.Replied(new Reply())];

        var failure = Record.Exception(() => _answer.Take(events, decides: true, _now, room: 300)) as ParleyException;

        Assert.Equal(expected, _task.State);
        Assert.Equal(expected == TaskState.Completed ? null : ErrorCode.MessageTooLarge, failure?.Code);
    }

    [Fact]
    public void The_last_piece_says_that_it_is()
    {
        Take(Delta("one"));
        Take(Delta("two"), Replied("onetwo"));

        Assert.Equal([false, true], _told.Where(one => one.ArtifactUpdate is not null).Select(one => one.ArtifactUpdate.LastChunk));
        Assert.Equal("onetwo", Text());
    }

    [Fact]
    public void The_rest_of_an_answer_is_not_told_before_its_reply()
    {
        Take(new AgentCallEvent.Delta("all", IsRest: true));
        Assert.Empty(Chunks());
        Take(Replied("all"));

        Assert.Equal(["all"], Chunks());
    }

    [Fact]
    public void A_question_is_what_the_status_says_and_no_artifact()
    {
        Take(new AgentCallEvent.Delta("Which one?\n", IsRest: true), Replied("Which one?\n", reply => reply.State = ReplyState.InputRequired));

        Assert.Equal("Which one?", StatusText());
        Assert.Empty(_task.View(null, true).Artifacts);
    }

    [Fact]
    public void Text_before_a_question_stays_an_artifact()
    {
        Take(Delta("Found two."));
        Take(new AgentCallEvent.Delta("\nWhich one?", IsRest: true), Replied("Found two.\nWhich one?", reply => reply.State = ReplyState.InputRequired));

        Assert.Equal(("Found two.", "Which one?"), (Text(), StatusText()));
    }

    [Fact]
    public void Waiting_says_why_and_ends_with_the_delivery()
    {
        Take(new AgentCallEvent.Held(false));
        Assert.Equal((TaskState.Submitted, true), (_task.State, StatusText().Contains("offline", StringComparison.Ordinal)));
        Take(new AgentCallEvent.Held(false));
        Take(new AgentCallEvent.Delivered(), new AgentCallEvent.Read(false), new AgentCallEvent.Working());

        Assert.Equal([TaskState.Submitted, TaskState.Working], _told.Select(one => one.StatusUpdate.Status.State));
    }

    [Fact]
    public void Files_become_artifacts_with_name_and_type()
    {
        Take(Replied("see file", reply => reply.Files.Add(new FilePart { Name = "a.png", MediaType = "image/png", Content = ByteString.CopyFromUtf8("x") })));

        var part = Assert.Single(_task.View(null, true).Artifacts.Single(artifact => artifact.Name == "a.png").Parts);
        Assert.Equal(("a.png", "image/png", "x"), (part.Filename, part.MediaType, part.Raw.ToStringUtf8()));
    }

    [Fact]
    public void What_streamed_as_an_artifact_is_not_told_again_by_the_reply()
    {
        var whole = new Artifact { ArtifactId = "report", Name = "report", Parts = { new Part { Text = "first second" } } };
        Take(Update("report", "first ", append: false), Update("report", "second", append: true));
        Take(Replied("", reply => reply.A2A = new Parley.Gateway.Wire.V1.Task { Artifacts = { whole } }.ToByteString()));

        Assert.Equal(2, _told.Count(one => one.ArtifactUpdate is not null));
        Assert.Equal(whole, Assert.Single(_task.View(null, true).Artifacts));
    }

    [Fact]
    public void What_the_responder_says_in_words_of_A2A_counts_before_files_and_text()
    {
        var said = new Parley.Gateway.Wire.V1.Task
        {
            Status = new Parley.Gateway.Wire.V1.TaskStatus { Message = new Message { MessageId = "s", Parts = { new Part { Text = "well done" } } } },
            Artifacts = { new Artifact { ArtifactId = "data", Parts = { new Part { Data = Google.Protobuf.WellKnownTypes.Value.ForNumber(1) } } } },
            Metadata = new Google.Protobuf.WellKnownTypes.Struct { Fields = { ["model"] = Google.Protobuf.WellKnownTypes.Value.ForString("mine") } },
        };
        Take(Replied("", reply =>
        {
            reply.A2A = said.ToByteString();
            reply.Files.Add(new FilePart { Name = "copy", Content = ByteString.CopyFromUtf8("1") });
            reply.Meta["model"] = "copy";
        }));

        Assert.Equal("data", Assert.Single(_task.View(null, true).Artifacts).ArtifactId);
        Assert.Equal(("well done", "mine"), (StatusText(), _task.Borrow().Metadata.Fields["model"].StringValue));
    }

    [Fact]
    public void Failures_say_why_and_keep_exit_code_and_standard_error()
    {
        Take(Replied("partial", reply => (reply.State, reply.ExitCode, reply.Stderr) = (ReplyState.Failed, 3, ByteString.CopyFromUtf8("oops"))));

        var metadata = _task.Borrow().Metadata.Fields;
        Assert.Equal((TaskState.Failed, 3.0, "oops"), (_task.State, metadata["exitCode"].NumberValue, metadata["stderr"].StringValue));
        Assert.Contains("3", StatusText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReceiptState.Expired, "message.expired", TaskState.Failed)]
    [InlineData(ReceiptState.Refused, "contact.blocked", TaskState.Rejected)]
    [InlineData(ReceiptState.Refused, "responder.not_allowed", TaskState.Rejected)]
    [InlineData(ReceiptState.Refused, "mailbox.full", TaskState.Failed)]
    [InlineData(ReceiptState.Failed, "canceled", TaskState.Canceled)]
    [InlineData(ReceiptState.Unknown, "responder.interrupted", TaskState.Failed)]
    public void A_message_without_an_answer_ends_the_task_and_says_why(ReceiptState state, string code, TaskState expected)
    {
        Take(new AgentCallEvent.Ended(state, code, "Because."));

        Assert.Equal((expected, "Because.", code), (_task.State, StatusText(), _task.Borrow().Metadata.Fields["errorCode"].StringValue));
    }

    [Fact]
    public void A_reply_does_not_decide_while_another_message_is_on_its_way()
    {
        _answer.Take([new AgentCallEvent.Delivered(), new AgentCallEvent.Delta("half", IsRest: true), Replied("half")], decides: false, _now);

        Assert.Equal((TaskState.Working, "half"), (_task.State, Text()));
    }

    [Fact]
    public void Text_that_was_told_before_a_restart_is_not_told_again()
    {
        Take(Delta("one two"));
        _answer = Begin(_task);
        _told.Clear();
        Take(Delta("one "), Delta("two three"));
        Take(new AgentCallEvent.Delta(" four", IsRest: true), Replied("one two three four"));

        Assert.Equal([" three", " four"], Chunks());
        Assert.Equal("one two three four", Text());
    }

    [Fact]
    public void Text_that_is_another_one_after_a_restart_replaces_the_first()
    {
        Take(Delta("one two"));
        _answer = Begin(_task);
        Take(new AgentCallEvent.Delta("one 2", IsRest: true), Replied("one 2"));

        Assert.Equal("one 2", Text());
        Assert.False(_told.Last(one => one.ArtifactUpdate is not null).ArtifactUpdate.Append);
    }

    [Theory]
    [InlineData("append")]
    [InlineData("id")]
    [InlineData("state")]
    [InlineData("bytes")]
    public void An_answer_that_breaks_the_rules_is_refused(string how)
    {
        AgentCallEvent bad = how switch
        {
            "append" => Update("never", "x", append: true),
            "id" => Update("", "x", append: false),
            "state" => new AgentCallEvent.Update(new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { Status = new Parley.Gateway.Wire.V1.TaskStatus { State = (TaskState)77 } } }),
            _ => Replied("", reply => reply.A2A = ByteString.CopyFromUtf8("\u0001\u0002?")),
        };

        Assert.Equal(ErrorCode.AgentAnswerInvalid, Assert.Throws<ParleyException>(() => Take(new AgentCallEvent.Delivered(), bad)).Code);
        Assert.Single(_answer.Told);
    }

    [Fact]
    public void Any_calls_make_events_that_make_the_same_task_again() => Fuzz.Run(Seed, 2000, random => random, random =>
    {
        var task = NewTask();
        var copy = new AgentTask(task.Borrow());
        var answer = Begin(task);
        for (var step = 0; step < 12 && !task.IsEnded; step++)
        {
            try
            {
                answer.Take([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Any(random))], decides: random.Next(3) > 0, _now);
            }
            catch (ParleyException exception) when (exception.Code == ErrorCode.AgentAnswerInvalid)
            {
                // What was told before it stays.
            }

            foreach (var one in answer.Told)
            {
                copy.Apply(StreamResponse.Parser.ParseFrom(one.ToByteString()));
            }

            answer = random.Next(4) == 0 ? Begin(task) : answer;
        }

        Assert.Equal(task.View(null, true), copy.View(null, true));
    });

    private static AgentCallEvent Any(Random random) => random.Next(9) switch
    {
        0 => new AgentCallEvent.Held(random.Next(2) == 0),
        1 => new AgentCallEvent.Delivered(),
        2 => new AgentCallEvent.Read(random.Next(2) == 0),
        3 => Delta(new string('x', random.Next(1, 5))),
        4 => new AgentCallEvent.Note("note"),
        5 => Update("a" + random.Next(2), "chunk", append: random.Next(2) == 0),
        6 => new AgentCallEvent.Update(new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { Status = new Parley.Gateway.Wire.V1.TaskStatus { State = (TaskState)random.Next(0, 9) } } }),
        7 => Replied("text", reply => reply.State = (ReplyState)random.Next(0, 8)),
        _ => new AgentCallEvent.Ended(ReceiptState.Failed, "internal", "No."),
    };

    private static AgentTask NewTask() => new("t-1", new Message { MessageId = "m-1", ContextId = "c-1", Role = Parley.Gateway.Wire.V1.Role.User }, _now);

    private static AgentCallEvent.Delta Delta(string text) => new(text);

    private static AgentCallEvent.Replied Replied(string content, Action<Reply>? change = null)
    {
        var reply = new Reply { State = ReplyState.Completed, Content = ByteString.CopyFromUtf8(content) };
        change?.Invoke(reply);
        return new AgentCallEvent.Replied(reply);
    }

    private static AgentCallEvent.Update Update(string id, string text, bool append) => new(new StreamResponse
    {
        ArtifactUpdate = new TaskArtifactUpdateEvent { Artifact = new Artifact { ArtifactId = id, Name = append ? "" : id, Parts = { new Part { Text = text } } }, Append = append },
    });

    private CallAnswer Begin(AgentTask task) => new(task, 1, () => $"id-{++_ids}");

    private void Take(params AgentCallEvent[] events) => _told.AddRange(_answer.Take(events, decides: true, _now));

    private List<string> Chunks() => [.. _told.Where(one => one.ArtifactUpdate is not null).Select(one => string.Concat(one.ArtifactUpdate.Artifact.Parts.Select(part => part.Text)))];

    private string Text() => string.Concat(_task.View(null, true).Artifacts.SelectMany(artifact => artifact.Parts).Select(part => part.Text));

    private string StatusText() => _task.Borrow().Status.Message.Parts[0].Text;
}

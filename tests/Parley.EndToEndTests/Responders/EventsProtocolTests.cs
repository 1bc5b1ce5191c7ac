using System.Text.RegularExpressions;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

[Collection(nameof(RealProcesses))]
public sealed partial class EventsProtocolTests
{
    [Fact]
    public async Task The_Python_sample_of_the_document_is_an_agent()
    {
        var reply = await SampleAsync("python", "python3", "input");

        Assert.Equal(("Hello, acme.agent-a", ReplyState.Completed, string.Empty), (reply.Text(), reply.State, reply.ErrorMessage));
        Assert.Equal(("echo.txt", "input"), (reply.Files.Single().Name, reply.Files.Single().Content.ToStringUtf8()));
        Assert.Equal("3", reply.Meta["tokens_used"]);
    }

    [Fact]
    public async Task The_Node_sample_of_the_document_is_an_agent()
    {
        var reply = await SampleAsync("javascript", "node --input-type=module -e", "input");
        var question = await SampleAsync("javascript", "node --input-type=module -e", string.Empty);

        Assert.Equal(("You said: input", ReplyState.Completed), (reply.Text(), reply.State));
        Assert.Equal("input\n", reply.Files.Single().Content.ToStringUtf8());
        Assert.Equal(("Say something.", ReplyState.InputRequired), (question.Text(), question.State));
        Assert.Equal(2, TaskOf(question).Status.Message.Parts[1].Data.StructValue.Fields["choices"].ListValue.Values.Count);
    }

    [Fact]
    public async Task The_bash_sample_of_the_document_is_an_agent()
    {
        var reply = await SampleAsync("bash", "bash -c", "input");

        Assert.Equal("Hello, acme.agent-a", reply.Text());
        Assert.Equal(["where.json:{\"thread\":\"thread-1\"}", "note.txt:a file"], reply.Files.Select(file => $"{file.Name}:{file.Content.ToStringUtf8()}"));
        Assert.Equal(["where", "note.txt"], TaskOf(reply).Artifacts.Select(artifact => artifact.ArtifactId));
    }

    [Fact]
    public async Task Data_goes_to_a_program_and_comes_back_as_it_was()
    {
        var data = JsonDialect.V1.Parse<Google.Protobuf.WellKnownTypes.Struct>("""{"n":1.5,"list":[null,"é"]}"""u8, JsonLimits.Default);
        var message = new Parley.Gateway.Wire.V1.Message { Parts = { new Parley.Gateway.Wire.V1.Part { Data = new Google.Protobuf.WellKnownTypes.Value { StructValue = data } } } };

        var reply = await SampleAsync("python", "python3", "input", request => request with { A2a = message, TaskId = "t1" });

        var task = TaskOf(reply);
        Assert.Equal(data, task.Artifacts.Single(artifact => artifact.ArtifactId == "echo-data").Parts.Single().Data.StructValue);
        Assert.Equal(("t1", "t1"), (task.Metadata.Fields["task"].StringValue, reply.Meta["task"]));
    }

    [Fact]
    public async Task Characters_that_are_cut_between_two_writes_arrive_whole()
    {
        const string Script = """for b in '\342' '\202' '\254' 'x\303' '\251'; do printf "$b"; sleep 0.05; done""";
        var sink = new Pieces();

        var reply = await AnswerAsync(Exec("/bin/sh"), Request(Script), sink: sink);

        Assert.Equal("€xé", reply.Text());
        Assert.Equal(reply.Content.ToByteArray(), sink.Bytes.ToArray());
    }

    [Fact]
    public async Task The_request_names_files_by_their_path()
    {
        var request = Request([0xFF, 0x00, 0x41], MessageType.File) with
        {
            FileName = "x.bin",
            Files = [new Parley.Client.Responders.ResponderFile("../y.txt", new Body("why"u8.ToArray()))],
            Meta = new Dictionary<string, string> { ["k"] = "v" },
        };
        const string Script =
            """
            import json, sys
            r = json.load(sys.stdin)
            content = open(r["file"], "rb").read()
            second = r["parts"][1]["file"]
            print(json.dumps({"type": "message", "text": f'{content.hex()} {second["name"]} {open(second["path"]).read()} {r["meta"]["k"]} {r["type"]}'}))
            """;

        var reply = await AnswerAsync(Events("python3", "-c", Script), request);

        Assert.Equal("ff0041 y.txt why v file", reply.Text());
    }

    [Theory]
    [InlineData("echo hello", "Line 1 of the responder's output is not JSON")]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("echo '{\"type\":\"error\",\"message\":\"no luck\"}'; sleep 300", "no luck")]
    public async Task What_is_no_answer_is_a_failure_that_says_why(string script, string message)
    {
        var reply = await AnswerAsync(Events("bash", "-c", script), Request("x", MessageType.Text));

        Assert.Equal((ReplyState.Failed, "responder.failed"), (reply.State, reply.ErrorCode));
        Assert.Contains(message, reply.ErrorMessage);
    }

    [Fact]
    public async Task Standard_error_goes_to_the_owner_and_not_to_the_sender()
    {
        var heard = new MemoryStream();
        var responder = new ExecResponder(
            new ExecOptions(CommandLine.Of(["bash", "-c", "echo trace >&2; echo '{\"type\":\"message\",\"text\":\"fine\"}'"]))
            {
                Protocol = ExecProtocol.Events, Diagnostics = bytes => heard.Write(bytes.Span),
            },
            TimeProvider.System, System.Security.Cryptography.RandomNumberGenerator.Fill, Microsoft.Extensions.Logging.Abstractions.NullLogger<ExecResponder>.Instance);

        var reply = await AnswerAsync(responder, Request("x"));

        Assert.Equal(("fine", 0), (reply.Text(), reply.Stderr.Length));
        Assert.Equal("trace\n", System.Text.Encoding.UTF8.GetString(heard.ToArray()));
    }

    [Fact]
    public async Task A_timeout_in_the_middle_of_a_line_is_a_timeout()
    {
        using var folder = new TempFolder();
        var mark = folder.PathOf("mark");
        var script = "echo '{\"type\":\"message\",\"delta\":\"half\"}'; printf '{\"type'; : > " + mark + "; sleep 300";

        var reply = await TimedOutAsync(Events("bash", "-c", script), Request("x"), () => Deadline.UntilAsync(() => File.Exists(mark), "the half line"));

        Assert.Equal(("responder.timeout", "half"), (reply.ErrorCode, reply.Text()));
    }

    private static ExecResponder Events(params string[] words) => new(
        new ExecOptions(CommandLine.Of(words)) { Protocol = ExecProtocol.Events },
        TimeProvider.System, System.Security.Cryptography.RandomNumberGenerator.Fill, Microsoft.Extensions.Logging.Abstractions.NullLogger<ExecResponder>.Instance);

    private static Parley.Gateway.Wire.V1.Task TaskOf(Reply reply) => Parley.Gateway.Wire.V1.Task.Parser.ParseFrom(reply.A2A);

    private static async Task<Reply> SampleAsync(string language, string program, string message, Func<ResponderRequest, ResponderRequest>? change = null)
    {
        var document = await File.ReadAllTextAsync(DocumentPath(), TestContext.Current.CancellationToken);
        var sample = Sample().Matches(document).Single(match => match.Groups["language"].Value == language).Groups["code"].Value;
        string[] words = program == "python3" ? ["python3", "-c", sample] : [.. program.Split(' '), sample];
        var request = Request(message, MessageType.Text);
        return await AnswerAsync(Events(words), change?.Invoke(request) ?? request);
    }

    private static string DocumentPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "docs", "protocol", "responder-events.md");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("docs/protocol/responder-events.md");
    }

    private sealed class Pieces : IAnswerSink
    {
        public MemoryStream Bytes { get; } = new();

        public ValueTask PartAsync(Part part, CancellationToken cancellationToken)
        {
            Bytes.Write(part.Data.Span);
            return ValueTask.CompletedTask;
        }
    }

    [GeneratedRegex("```(?<language>[a-z]+)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}

using System.CommandLine;
using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Client.Responders.Http;
using Parley.Client.Responders.OpenAi;
using Parley.Client.Responders.Tools;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Cli.A2a;

/// <summary>The options that say who answers, for every command that has a responder.</summary>
internal sealed class ResponderOptions
{
    private const string OpenAiKeyVariable = "OPENAI_API_KEY";
    private const string HttpKeyVariable = "PARLEY_HTTP_KEY";

    private readonly Option<string?> _exec = new("--exec") { HelpName = "CMD", Description = "Run this program for each message, body on standard input; words are split as a shell would, nothing is expanded" };
    private readonly Option<string> _protocol = new("--protocol") { HelpName = "P", DefaultValueFactory = _ => "text", Description = "text, or events: JSON lines between Parley and the program" };
    private readonly Option<string?> _http = new("--http") { HelpName = "URL", Description = "POST each message to this address; a key for Authorization: Bearer comes from PARLEY_HTTP_KEY or --http-key-file" };
    private readonly Option<string?> _httpKeyFile = new("--http-key-file") { HelpName = "F", Description = "File with the key, mode 0600, with --http" };
    private readonly Option<string?> _openai = new("--openai") { HelpName = "URL", Description = "Base address of an OpenAI-compatible server; the key comes from OPENAI_API_KEY or --openai-key-file" };
    private readonly Option<string?> _model = new("--model") { HelpName = "M", Description = "The model, with --openai" };
    private readonly Option<string?> _keyFile = new("--openai-key-file") { HelpName = "F", Description = "File with the key, mode 0600, with --openai" };
    private readonly Option<string?> _system = new("--system") { HelpName = "TEXT", Description = "What the model is told about its task, with --openai" };
    private readonly Option<string> _imageLimit = new("--image-limit") { HelpName = "SIZE", DefaultValueFactory = _ => "8MiB", Description = "Largest picture that the model is shown, with --openai, at most 16MiB; 0 shows none" };
    private readonly Option<bool> _callerTools = new("--caller-tools") { Description = "The program or service takes its callers' own tools, with --http or --protocol events; a model always does" };
    private readonly Option<string?> _allow = new("--allow") { HelpName = "NAME,...", Description = "Whom the responder answers: name, owner.name or owner.* [default: the own owner's agents]" };
    private readonly Option<string> _timeout = new("--exec-timeout") { HelpName = "D", DefaultValueFactory = _ => "60s", Description = "How long one answer may take, up to 30d" };
    private readonly Option<string> _maxOutput = new("--max-output") { HelpName = "SIZE", DefaultValueFactory = _ => "1MiB", Description = "Most bytes of each output stream; the rest is cut, with a mark" };
    private readonly Option<int> _concurrency = new("--concurrency") { HelpName = "N", DefaultValueFactory = _ => 4, Description = "Answers at once, 1 to 1024" };
    private readonly Option<string[]> _env = new("--env") { HelpName = "NAME", Description = "Pass this variable on to the program; may be given several times" };
    private readonly ModelToolOptions _tools = new();
    private readonly Argument<string[]> _command = new("COMMAND") { Arity = ArgumentArity.ZeroOrMore, Description = "After --: the program and its arguments, instead of --exec" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_command);
        foreach (var option in new Option[] { _exec, _protocol, _http, _httpKeyFile, _openai, _model, _keyFile, _system, _imageLimit, _callerTools, _allow, _timeout, _maxOutput, _concurrency, _env })
        {
            command.Add(option);
        }

        _tools.AddTo(command);
    }

    /// <summary>Whether the responder sends messages of its own, for which it needs a sender.</summary>
    public bool AsksAgents(ParseResult parsed) => _tools.AsksAgents(parsed);

    /// <summary>Whether the command line says who may ask.</summary>
    public bool HasAllow(ParseResult parsed) => parsed.GetValue(_allow) is not null;

    /// <summary>The tools that a model may use.</summary>
    public ModelTools Tools(ParseResult parsed, CommandContext context, AgentAddress self, Sender? sender, HomeFolder home)
    {
        var tools = _tools.Make(parsed, context, self, sender, home);
        return tools.Box.HasSources && parsed.GetValue(_openai) is null
            ? throw new ParleyException(ErrorCode.InvalidArgument, "--tools are for a model: they go with --openai.")
            : tools;
    }

    /// <summary>The responder that was asked for; null for none.</summary>
    public IResponder? Make(ParseResult parsed, CommandContext context, HomeFolder home, ToolBox tools)
    {
        var words = parsed.GetValue(_command) ?? [];
        var exec = parsed.GetValue(_exec);
        var http = parsed.GetValue(_http);
        var openai = parsed.GetValue(_openai);
        if (new[] { words.Length > 0, exec is not null, http is not null, openai is not null }.Count(isGiven => isGiven) > 1)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Give one of --exec, --http, --openai, or a command after --.");
        }

        if (http is not null)
        {
            return new HttpResponder(new HttpResponderOptions(AddressOf(http)) { BearerToken = KeyOf(parsed, context, _httpKeyFile, HttpKeyVariable) });
        }

        if (openai is not null)
        {
            return OpenAi(parsed, context, openai, tools);
        }

        return words.Length > 0 ? Exec(parsed, context, home, CommandLine.Of(words)) : exec is not null ? Exec(parsed, context, home, CommandLine.Parse(exec)) : null;
    }

    /// <summary>The kind of the responder, as allow of peers.json names it; null for none.</summary>
    public static string? KindOf(IResponder? responder) => responder switch
    {
        ExecResponder => "exec",
        HttpResponder => "http",
        OpenAiResponder => "openai",
        _ => null,
    };

    /// <summary>Whether the responder calls tools of its callers.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it cannot.</exception>
    public bool TakesCallerTools(ParseResult parsed, IResponder? responder)
    {
        var isWanted = parsed.GetValue(_callerTools);
        var canTake = responder is OpenAiResponder or HttpResponder || (responder is ExecResponder && parsed.GetValue(_protocol) == "events");
        return isWanted && !canTake
            ? throw new ParleyException(ErrorCode.InvalidArgument, "--caller-tools goes with --http, --openai or --protocol events.")
            : isWanted || responder is OpenAiResponder;
    }

    /// <summary>The limits around it.</summary>
    public ResponderPolicy Policy(ParseResult parsed, string owner)
    {
        var concurrency = parsed.GetValue(_concurrency);
        if (concurrency is < 1 or > 1024)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--concurrency is 1 to 1024.");
        }

        var allow = (parsed.GetValue(_allow) ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new ResponderPolicy
        {
            Senders = SenderPolicy.Of(owner, allow),
            Timeout = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name),
            Concurrency = concurrency,
            Limits = LimitsOf(parsed),
        };
    }

    // It travels in a header: anything else would fail with the first message.
    private static string HeaderSafe(string key, string source) => key.Length > 0 && key.All(character => character is > ' ' and < (char)127)
        ? key
        : throw new ParleyException(ErrorCode.InvalidArgument, $"{source} holds no key: one line of visible ASCII.");

    private ExecResponder Exec(ParseResult parsed, CommandContext context, HomeFolder home, CommandLine command)
    {
        var protocol = parsed.GetValue(_protocol) switch
        {
            "text" => ExecProtocol.Text,
            "events" => ExecProtocol.Events,
            _ => throw new ParleyException(ErrorCode.InvalidArgument, "--protocol is text or events."),
        };
        var options = new ExecOptions(command)
        {
            Protocol = protocol,
            Limits = LimitsOf(parsed),
            PassedVariables = parsed.GetValue(_env) ?? [],
            Home = home.FullPath,
            Diagnostics = bytes => context.Terminal.WriteError(bytes.Span),
        };
        return new ExecResponder(options, context.Time, context.FillRandom, context.Loggers.CreateLogger<ExecResponder>());
    }

    private OpenAiResponder OpenAi(ParseResult parsed, CommandContext context, string url, ToolBox tools)
    {
        var model = parsed.GetValue(_model) ?? throw new ParleyException(ErrorCode.InvalidArgument, "--openai needs --model.");
        var options = new OpenAiResponderOptions(AddressOf(url), model) { ApiKey = KeyOf(parsed, context, _keyFile, OpenAiKeyVariable), SystemPrompt = parsed.GetValue(_system), MaxImageBytes = ImageLimitOf(parsed) };
        return new OpenAiResponder(options, tools, context.Time);
    }

    private long ImageLimitOf(ParseResult parsed)
    {
        var bytes = SizeText.Parse(parsed.GetValue(_imageLimit)!);
        return bytes is >= 0 and <= MessagingLimits.MaxContentBytes
            ? bytes
            : throw new ParleyException(ErrorCode.InvalidArgument, $"--image-limit is 0 to {SizeText.Format(MessagingLimits.MaxContentBytes)}.");
    }

    private AnswerLimits LimitsOf(ParseResult parsed)
    {
        var bytes = SizeText.Parse(parsed.GetValue(_maxOutput)!);
        return bytes is > 0 and <= AnswerLimits.LargestOutputBytes
            ? new AnswerLimits((int)bytes)
            : throw new ParleyException(ErrorCode.InvalidArgument, $"--max-output is 1 byte to {SizeText.Format(AnswerLimits.LargestOutputBytes)}.");
    }

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new ParleyException(ErrorCode.InvalidArgument, "An address is http://... or https://...");

    private static string? KeyOf(ParseResult parsed, CommandContext context, Option<string?> option, string variable)
    {
        if (parsed.GetValue(option) is not { } file)
        {
            return context.Environment(variable)?.Trim() is { Length: > 0 } given ? HeaderSafe(given, variable) : null;
        }

        try
        {
            return HeaderSafe(Encoding.UTF8.GetString(SecretFile.Read(file)).Trim(), option.Name);
        }
        catch (IOException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The file of {option.Name} cannot be read: {exception.Message}", exception);
        }
    }
}

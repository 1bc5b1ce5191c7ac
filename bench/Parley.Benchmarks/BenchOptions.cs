using System.Globalization;
using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks;

/// <summary>What the command line asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Scenarios by name, in order; <c>all</c> stands for every one that needs no further argument.</summary>
    public IReadOnlyList<string> Scenarios { get; init; } = [];

    /// <summary><value>Peers by name, in the order of their turns.</value></summary>
    public IReadOnlyList<string> Peers { get; init; } = [ResultTable.Reference, "redis", "parley"];

    /// <summary><value>Measured runs of each peer, 1 to 100; default 5. The median counts.</value></summary>
    public int Runs { get; init; } = 5;

    /// <summary><value>Length of a run, 0.1 s to 60 s; default 4 s.</value></summary>
    public TimeSpan RunLength { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary><value>Agents of <c>idle</c> and <c>reconnect</c>, 1 to 15,000 (each is an open file in this process and in the server); default 2,000.</value></summary>
    public int Agents { get; init; } = 2000;

    /// <summary><value>How long <c>idle</c> watches the processor, 1 s to 600 s; default 30 s.</value></summary>
    public TimeSpan IdleLength { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><value>Messages of <c>durable</c>, 1 to 1,000,000; default 9,000, which a mailbox holds.</value></summary>
    public int Messages { get; init; } = 9_000;

    /// <summary><value>Parked waits of <c>rooms</c>, 1 to 15,000 (each is an open file on both sides); default 10,000.</value></summary>
    public int Holds { get; init; } = 10_000;

    /// <summary><value>Open streams of <c>streams</c>, 1 to 10,000 (each is an open file on both sides); default 1,000.</value></summary>
    public int Streams { get; init; } = 1_000;

    /// <summary><value>Size of the file of <c>transfer</c>, 1 to 65,536 MiB, twice of which must fit into memory; default 4,096.</value></summary>
    public int Megabytes { get; init; } = 4096;

    /// <summary>Whole commands to time with <c>commands</c>, each with its arguments, split at spaces.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>The built <c>parley</c>; without it the peer <c>parley</c> is skipped.</summary>
    public string? ParleyProgram { get; init; }

    /// <summary>A folder with the packages that the end-to-end tests install, for <c>a2a</c>.</summary>
    public string? NodeFolder { get; init; }

    /// <summary>Print JSON instead of a table.</summary>
    public bool AsJson { get; init; }

    /// <summary>The Markdown file whose sections are replaced, or null.</summary>
    public string? WriteTo { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">With a sentence for the user.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchOptions();
        var scenarios = new List<string>();
        var commands = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new FormatException($"{name} needs a value.");
            options = name switch
            {
                "--peers" => options with { Peers = Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                "--runs" => options with { Runs = (int)Number(name, Value(), 1, 100) },
                "--seconds" => options with { RunLength = TimeSpan.FromSeconds(Number(name, Value(), 0.1, 60)) },
                "--agents" => options with { Agents = (int)Number(name, Value(), 1, 15_000) },
                "--idle-seconds" => options with { IdleLength = TimeSpan.FromSeconds(Number(name, Value(), 1, 600)) },
                "--messages" => options with { Messages = (int)Number(name, Value(), 1, 1_000_000) },
                "--holds" => options with { Holds = (int)Number(name, Value(), 1, 15_000) },
                "--streams" => options with { Streams = (int)Number(name, Value(), 1, 10_000) },
                "--megabytes" => options with { Megabytes = (int)Number(name, Value(), 1, 65_536) },
                "--node" => options with { NodeFolder = Value() },
                "--parley" => options with { ParleyProgram = Value() },
                "--write" => options with { WriteTo = Value() },
                "--json" => options with { AsJson = true },
                "--command" => Collect(commands, Value(), options),
                _ when name.StartsWith('-') => throw new FormatException($"Unknown option {name}."),
                _ => Collect(scenarios, name, options),
            };
        }

        return options with { Scenarios = scenarios, Commands = commands };
    }

    private static BenchOptions Collect(List<string> list, string item, BenchOptions options)
    {
        list.Add(item);
        return options;
    }

    private static double Number(string name, string text, double min, double max) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {min} to {max}."));
}

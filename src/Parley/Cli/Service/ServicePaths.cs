using Parley.Protocol.Errors;

namespace Parley.Cli.Service;

/// <summary>The paths in the options of a service: as typed they count from the folder that the user stands in, and the service starts in another one.</summary>
internal static class ServicePaths
{
    private const string Tls = "--tls";
    private const string SelfMade = "self";

    // Made when they are missing.
    private static readonly string[] _folders = ["--data", "--save", "--home"];

    // Only read.
    private static readonly string[] _files = ["--card", "--openai-key-file", "--http-key-file", "--mcp-config"];

    /// <summary>The options with full paths. What comes after <c>--</c> is a program's own business: it starts in the folder of now.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: a file that will be read is not there.</exception>
    public static string[] MakeFull(IReadOnlyList<string> arguments)
    {
        var full = arguments.ToArray();
        for (var index = 0; index < full.Length && full[index] != "--"; index++)
        {
            var end = full[index].AsSpan().IndexOfAny('=', ':');
            var option = end < 0 ? full[index] : full[index][..end];
            if (!IsPath(option))
            {
                continue;
            }

            if (end >= 0)
            {
                full[index] = full[index][..(end + 1)] + FullOf(option, full[index][(end + 1)..]);
            }
            else if (index + 1 < full.Length)
            {
                full[++index] = FullOf(option, full[index]);
            }
        }

        return full;
    }

    private static bool IsPath(string option) => option == Tls || _folders.Contains(option) || _files.Contains(option);

    private static string FullOf(string option, string value)
    {
        if (option == Tls)
        {
            return value == SelfMade ? value : string.Join(',', value.Split(',', StringSplitOptions.TrimEntries).Select(path => FileOf(option, path)));
        }

        return _files.Contains(option) ? FileOf(option, value) : PathOf(option, value);
    }

    private static string FileOf(string option, string value)
    {
        var path = PathOf(option, value);
        return File.Exists(path) ? path : throw new ParleyException(ErrorCode.InvalidArgument, $"{option}: there is no file {path}.");
    }

    private static string PathOf(string option, string value) => value.Length > 0 && !value.Contains('\0', StringComparison.Ordinal)
        ? Path.GetFullPath(value)
        : throw new ParleyException(ErrorCode.InvalidArgument, $"{option} is a path.");
}

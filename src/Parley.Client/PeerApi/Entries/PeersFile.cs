using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Client.PeerApi.Entries;

/// <summary><c>peers.json</c> on the disk: mode 0600 or refused, read again when it changed.</summary>
/// <remarks>
/// While the file is damaged, what it said before holds: somebody is editing. When it is gone or others may read it, nobody is known.
/// A referenced file or variable is looked at when <c>peers.json</c> itself changes. Thread-safe.
/// </remarks>
public sealed partial class PeersFile
{
    /// <summary>The file's name in a home.</summary>
    public const string Name = "peers.json";

    private readonly string _path;
    private readonly PeersReader _reader;
    private readonly ILogger<PeersFile> _log;
    private readonly Lock _lock = new();
    private (DateTime Written, long Length, UnixFileMode Mode) _seen;
    private PeerDirectory _current = PeerDirectory.Empty;

    /// <summary>Names the file; nothing is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="environment">Reads a variable.</param>
    /// <param name="log">Told of what is skipped; no secrets.</param>
    public PeersFile(string path, Func<string, string?> environment, ILogger<PeersFile> log)
    {
        _path = path;
        _log = log;
        _reader = new PeersReader(environment, ReadReference);
    }

    /// <summary>Hears each problem of a newly read file.</summary>
    public Action<string>? OnProblem { get; set; }

    /// <summary>What the file says now.</summary>
    public PeerDirectory Current
    {
        get
        {
            lock (_lock)
            {
                var file = new FileInfo(_path);
                var seen = file.Exists ? (file.LastWriteTimeUtc, file.Length, file.UnixFileMode) : default;
                if (seen != _seen)
                {
                    _seen = seen;
                    Reload(file.Exists);
                }

                return _current;
            }
        }
    }

    /// <summary>Reads the file now.</summary>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.NotFound"/>: there is none. <see cref="ErrorCode.FilePermissions"/>: others may read it. <see cref="ErrorCode.FileDamaged"/>: it is no JSON.
    /// </exception>
    public PeerDirectory Load()
    {
        try
        {
            return _reader.Read(SecretFile.Read(_path));
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.FileDamaged)
        {
            throw new ParleyException(exception.Code, $"{exception.Message} Correct {_path} there, or restore it from a copy.", exception);
        }
        catch (FileNotFoundException exception)
        {
            throw new ParleyException(ErrorCode.NotFound, $"There is no {_path}. Run: parley peer init --name NAME", exception);
        }
    }

    private void Reload(bool exists)
    {
        try
        {
            _current = exists ? Load() : PeerDirectory.Empty;
        }
        catch (ParleyException exception)
        {
            _current = exception.Code == ErrorCode.FileDamaged ? _current : PeerDirectory.Empty;
            Tell(exception.Message);
            return;
        }
        catch (IOException exception)
        {
            Tell($"peers.json cannot be read: {exception.GetType().Name}");
            return;
        }

        foreach (var problem in _current.Problems)
        {
            Tell(problem);
        }
    }

    private void Tell(string problem)
    {
        LogProblem(problem);
        OnProblem?.Invoke(problem);
    }

    // Beside peers.json unless the path is whole; a secret's file has mode 0600 like its user.
    private string? ReadReference(string path)
    {
        var full = Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(_path))!);
        try
        {
            return File.Exists(full) ? System.Text.Encoding.UTF8.GetString(SecretFile.Read(full)) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "peers.json: {Problem}")]
    private partial void LogProblem(string problem);
}

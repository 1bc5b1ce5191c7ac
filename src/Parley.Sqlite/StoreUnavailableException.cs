using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>The store cannot do this now: the disk is full or fails, or another process holds the file. Nothing was written; later calls may succeed.</summary>
public sealed class StoreUnavailableException : Exception
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    internal StoreUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Turns SQLite's errors of the environment into this exception; errors of the statement stay what they are.</summary>
    internal static Exception Translate(Exception exception)
    {
        var message = (exception as SqliteException)?.SqliteErrorCode switch
        {
            Full => "The disk that holds the store is full.",
            IoError or CannotOpen => "The disk that holds the store fails.",
            ReadOnly => "The store's file cannot be written.",
            Busy or Locked => "Another process holds the store's file.",
            NoMemory => "The store has no memory left.",
            Corrupt or NotADatabase => "The store's file is damaged.",
            _ => null,
        };
        return message is null ? exception : new StoreUnavailableException(message, exception);
    }
}

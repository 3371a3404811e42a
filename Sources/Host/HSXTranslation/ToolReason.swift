public import HXE
public import MiniVM

/// The reasons for which a command fails that are neither the image's nor a load's.
public enum ToolReason: String, CaseIterable, Sendable {
  case illegalInstruction = "illegal_instruction"
  case programCounter = "program_counter"
  case memory
  case stackOverflow = "stack_overflow"
  case stackUnderflow = "stack_underflow"
  case divideByZero = "divide_by_zero"
  case codeEnd = "code_end"
  case budgetSpent = "budget_spent"
  case debugBreak = "debug_break"
  case waiting
  case assemblyFailed = "assembly_failed"
  case vectorsInvalid = "vectors_invalid"
  case file
  case fileTooLarge = "file_too_large"
  case storageInUse = "storage_in_use"
  case notStorage = "not_storage"
  case storageExists = "storage_exists"
  case storageSize = "storage_size"
  case storageDamaged = "storage_damaged"
  case appAmbiguous = "app_ambiguous"
  case noDaemon = "no_daemon"
  case connectionLost = "connection_lost"
  case insecure
  case unreadableReply = "unreadable_reply"
  case noAnswer = "no_answer"
  case unknownTask = "unknown_task"
  case unknownValue = "unknown_value"
  case unknownCommand = "unknown_command"
  case unknownMailbox = "unknown_mailbox"
  case accessDenied = "access_denied"
  case valueOutOfRange = "value_out_of_range"
  case tooFast = "too_fast"
  case nameAmbiguous = "name_ambiguous"
  case callFailed = "call_failed"
  case mailboxFull = "mailbox_full"
  case noMessage = "no_message"
  case messageTooLarge = "message_too_large"
  case killed
  case rolledBack = "rolled_back"

  /// The reason of a fault.
  public init(_ fault: Fault) {
    self =
      switch fault {
      case .illegalInstruction: .illegalInstruction
      case .programCounter: .programCounter
      case .memory: .memory
      case .stackOverflow: .stackOverflow
      case .stackUnderflow: .stackUnderflow
      case .divideByZero: .divideByZero
      case .codeEnd: .codeEnd
      }
  }

  /// The code that goes with the reason.
  public var code: ErrorCode {
    switch self {
    case .illegalInstruction, .programCounter, .memory, .stackOverflow, .stackUnderflow, .divideByZero,
      .codeEnd:
      .invalid
    case .budgetSpent: .timedOut
    case .debugBreak, .waiting, .storageInUse: .busy
    case .notStorage: .invalid
    case .storageExists: .exists
    case .appAmbiguous: .invalid
    case .storageSize, .storageDamaged: .inputOutput
    case .assemblyFailed, .vectorsInvalid: .badMessage
    case .file: .inputOutput
    case .fileTooLarge, .messageTooLarge: .noSpace
    case .noDaemon, .unknownTask, .unknownValue, .unknownCommand, .unknownMailbox: .notFound
    case .connectionLost: .inputOutput
    case .insecure, .accessDenied: .notPermitted
    case .unreadableReply: .badMessage
    case .noAnswer, .noMessage: .timedOut
    case .valueOutOfRange, .callFailed, .nameAmbiguous: .invalid
    case .tooFast, .mailboxFull: .busy
    case .killed, .rolledBack: .cancelled
    }
  }

  /// What is wrong, in general.
  public var cause: String {
    switch self {
    case .illegalInstruction: "The program met a word that is no instruction."
    case .programCounter: "The program jumped outside its code, or between two instructions."
    case .memory: "The program accessed memory across its end."
    case .stackOverflow: "The program's stack is full: calls too deep, or too much pushed."
    case .stackUnderflow: "The program took more from its stack than it had put there."
    case .divideByZero: "The program divided by zero."
    case .codeEnd: "The program's last instruction lacks its second word."
    case .budgetSpent: "The program retired as many instructions as it was allowed, and had not ended."
    case .debugBreak: "The program met a BRK, which stops it for a debugger."
    case .waiting: "The program waits for a message that nobody here can send."
    case .assemblyFailed: "The source has errors; each is told with its line."
    case .vectorsInvalid: "The file holds no instruction vectors of the format hsx.isa-vectors/1."
    case .file: "A file or folder cannot be read or written."
    case .fileTooLarge: "The file is larger than any image or source of HSX."
    case .storageInUse: "Another process has the store open, and only one may write to it."
    case .notStorage: "What is there cannot hold a store."
    case .storageExists: "Something stands there already, and formatting would destroy it."
    case .storageSize: "The store was made for a memory of another length or kind, or by another version."
    case .appAmbiguous: "Several apps are stored, and none was named."
    case .storageDamaged: "A part of the store is damaged beyond correction."
    case .noDaemon: "No daemon answers where it was looked for."
    case .connectionLost: "The connection to the daemon ended before its answer came."
    case .insecure: "The daemon's certificate cannot be trusted, or the file of authorities not be read."
    case .unreadableReply: "What answered does not speak the protocol of HSX, or another version of it."
    case .noAnswer: "The daemon did not answer in time."
    case .unknownTask: "No task has that name or pid."
    case .unknownValue: "No task that runs has a value of that name or number."
    case .unknownCommand: "No task that runs has a command of that name or number."
    case .unknownMailbox: "There is no mailbox of that name."
    case .accessDenied: "The value or command asks for more rights than the caller has, or for a pin's token."
    case .valueOutOfRange: "The number lies outside the value's range, or is none that it can hold."
    case .tooFast: "The value was changed less than its least interval ago."
    case .nameAmbiguous: "Several objects have that name."
    case .callFailed: "The command's handler was stopped by a fault, or took too many instructions."
    case .mailboxFull: "The mailbox has no room for the message; its reader has not kept up."
    case .noMessage: "No message came in the time given."
    case .messageTooLarge: "The message is larger than the mailbox."
    case .killed: "The task was ended from outside."
    case .rolledBack: "The new image failed, and the one before it took its place again."
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .illegalInstruction, .programCounter, .memory, .stackOverflow, .stackUnderflow, .divideByZero,
      .codeEnd:
      "Run it with --trace to see the instructions before."
    case .budgetSpent: "Give it more with --max-steps."
    case .debugBreak: "Take the BRK out to run on."
    case .waiting: "Give its wait a time-out, or let it send to itself."
    case .assemblyFailed: "Correct the lines named above."
    case .vectorsInvalid: "Give a JSON file of the format hsx.isa-vectors/1."
    case .file: "Check the path, its permissions, and the room on its disk."
    case .fileTooLarge: "Give an image or a source of HSX; none is that large."
    case .storageInUse: "End the other process first, or give this one a store of its own."
    case .storageExists: "Give another path, or `--force` to destroy what is there."
    case .appAmbiguous: "Name the app; `hsx slots` shows which there are."
    case .storageSize:
      "Give the store as it was: neither cut, nor grown, nor copied to another kind of memory."
    case .storageDamaged:
      "`hsx storage dump` shows what can still be read; store anew what is missing, or format with `--force`."
    case .noDaemon: "Start it with `hsxd`, or say where it is: --socket, --host, --port, HSX_SOCKET."
    case .connectionLost: "See whether the daemon still runs (`hsx ps`) and what it logs, then try again."
    case .insecure:
      "Give the certificates that the daemon's comes from with --tls-ca, its name with --tls-name."
    case .unreadableReply: "See that it is hsxd that listens there, and of a version that this hsx knows."
    case .noAnswer: "Try again; if it stays like that, look at the daemon's log."
    case .unknownTask: "`hsx ps` shows the tasks."
    case .unknownValue: "`hsx val list` shows the values."
    case .unknownCommand: "`hsx cmd list` shows the commands."
    case .unknownMailbox: "`hsx mbox list` shows the mailboxes."
    case .accessDenied: "Use a token of a sufficient role (HSX_TOKEN), or give the pin's token with --token."
    case .valueOutOfRange: "`hsx val list` shows the value's range; give a number within it."
    case .tooFast: "Wait as long as `hsx val list` shows as its interval, then set it again."
    case .nameAmbiguous: "Give the group's name before it (`heat:setpoint`), or the number."
    case .callFailed: "`hsx events --category cmd` shows how calls end; the fault is in the app."
    case .mailboxFull: "Wait until its reader has taken some, as `hsx mbox list` shows, then send again."
    case .noMessage: "Wait for longer with --timeout, or see with `hsx mbox list` whether anyone sends there."
    case .messageTooLarge: "Send less at once; `hsx mbox list` shows how much the mailbox holds."
    case .killed: "Load it again to run it again."
    case .rolledBack: "`hsx history` shows why it was rejected; build a corrected image."
    case .notStorage: "Give a file, an EEPROM's file in sysfs, or an MTD character device of NOR flash."
    }
  }
}
